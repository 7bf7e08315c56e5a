"""The page that a release carries; in a tree of sources it is built from them, once a process."""

import base64
from functools import cache
from importlib.metadata import version
from pathlib import Path

from hanse_page.build import PROOF_PLACE, TRUST_PLACE, page

BUILT = Path(__file__).parent / "built" / "verify.html"


def carried_page(trust: bytes = b"", proof: bytes = b"") -> bytes:
    """Give the verifier page.

    Args:
        trust: a trust file to bake in, read and found to be one before; nothing for none.
        proof: a proof that a host shows: the page then says first that its host could show anything, and finds nothing
            better than valid with warnings; nothing for a page that asks for one.

    Raises:
        Unsupported: it is not carried, and the ledger's source says what the translation does not know.
    """
    return _baked(_baked(_bare(), TRUST_PLACE, trust), PROOF_PLACE, proof)


def _baked(page: bytes, place: bytes, data: bytes) -> bytes:
    return page.replace(place, place[: -len(b'">')] + base64.b64encode(data) + b'">', 1) if data else page


@cache
def _bare() -> bytes:
    return BUILT.read_bytes() if BUILT.exists() else page(version("hanse"))
