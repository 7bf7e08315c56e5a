"""What a node must find sound in its own installation before it starts, beside its SQLite (`store.sqlite`)."""

from hanse_ledger.values.signature_cases import misjudged_case
from hanse_node.base.errors import CannotStart

STEP = (
    "Install the PyNaCl that this release names, with the library that it brings: pip install --force-reinstall hanse"
)


def verify_signature_library() -> None:
    """Insist that signatures are judged here as the ledger's rule does.

    Raises:
        CannotStart: the library decides an edge case otherwise: this node would part from the others.
    """
    misjudged = misjudged_case()
    if misjudged is not None:
        raise CannotStart(f"PyNaCl's library decides a signature otherwise than the ledger: {misjudged}", STEP)
