"""Under what a client signs: mandates, and with whose signatures besides."""

from collections.abc import Sequence

from msgspec import Struct

from hanse_client.base.identifiers import Id, parse_id, parse_key
from hanse_ledger.values.types import ObjectId, PublicKey


class Acting(Struct, frozen=True):
    """Under which mandates everything is signed, in order; and who signs it besides, elsewhere: it is drafted then."""

    mandates: tuple[ObjectId, ...] = ()
    countersigners: tuple[PublicKey, ...] = ()


def acting(mandates: Sequence[Id], countersigners: Sequence[PublicKey | str]) -> Acting:
    """Read what a caller gives. Raises InvalidInput."""
    return Acting(
        mandates=tuple(sorted({parse_id(mandate, "mandate") for mandate in mandates})),
        countersigners=tuple(map(parse_key, countersigners)),
    )
