"""The identities that buyers have shown to a seller: a file of one, or a folder of many."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.files import read_text
from hanse_client.base.errors import InvalidInput
from hanse_ledger.values import limits

IdentitiesOption = Annotated[
    Path | None,
    typer.Option(
        "--buyer-identities",
        metavar="FILE|FOLDER",
        help="Identities that the buyers of many have shown: with them the node makes the invoices' tags.",
    ),
]

MOST = 10_000


def identities_in(source: Path | None) -> tuple[bytes, ...]:
    """Read a file with an identity, or a folder of them. Raises InvalidInput."""
    if source is None:
        return ()
    files = [source]
    if source.is_dir():
        files = sorted(path for path in source.iterdir() if path.is_file() and not path.name.startswith("."))
    if not 0 < len(files) <= MOST:
        raise InvalidInput(f"{source} holds {len(files):,} identities.", f"Put 1 to {MOST:,} of them into it.")
    return tuple(_identity_in(path) for path in files)


def _identity_in(path: Path) -> bytes:
    from hanse_client.home.identities import ShownIdentity

    data = read_text(path, limits.OPENING_BYTES, "identity")
    try:
        ShownIdentity.from_json(data)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error.message}", error.action) from error
    return data
