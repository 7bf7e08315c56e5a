"""Legal identities inside a sealed document: as they travel there, and as whoever opens it is shown them."""

from collections.abc import Iterable, Iterator

from hanse_client.exchange.identifying import own_identity
from hanse_client.exchange.session import Session
from hanse_client.home.identities import ShownIdentity
from hanse_client.sealing.content import IdentityOpening
from hanse_ledger.values.types import ObjectId

Travelling = tuple[IdentityOpening, ...]


def travelling(shown: Iterable[ShownIdentity]) -> Travelling:
    """Put identities into the form in which they travel."""
    return tuple(IdentityOpening(party=each.party, seed=each.seed, terms=each.terms) for each in shown)


def traders(session: Session, seller: ObjectId, buyer: bytes | None) -> Travelling:
    """Give the identities of both parties of an invoice, the seller's from the home folder, the buyer's as shown.

    Neither travels where the buyer's is not known: a bank makes the tags of an invoice of both or not at all.
    """
    return () if buyer is None else travelling((own_identity(session, seller), ShownIdentity.from_json(buyer)))


def arrived(identities: Iterable[IdentityOpening]) -> Iterator[ShownIdentity]:
    """Give the identities that came with a document. Whether the parties are enrolled as they say is not judged."""
    return (ShownIdentity(party=each.party, seed=each.seed, terms=each.terms) for each in identities)
