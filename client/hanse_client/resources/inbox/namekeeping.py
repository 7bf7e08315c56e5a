"""Names that a sealed document brings: kept when it is opened, so that inboxes have names where they had ids alone."""

from hanse_client.base.objects import CertificateView, InvoiceView, ObjectView
from hanse_client.exchange.identifying import identified
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.home.knownnames import LETTERS, KnownName, KnownNames, NameSource
from hanse_client.resources.sharing.sealed import OpenedDocument
from hanse_client.resources.sharing.travelling import arrived
from hanse_ledger.values.types import ObjectId
from hanse_ledger.values.verdict import Verdict


async def keep_names(session: Session, belongs_to: ObjectId, opened: OpenedDocument) -> None:
    """Keep what parties are called, as a document says that agrees with its record; of one that does not, nothing.

    An identity beside it is verified against the party's enrolment first. What cannot be kept, or does not verify, is a
    notice: the document was opened all the same.
    """
    if opened.report.verdict is Verdict.TAMPERED:
        return
    await session.notices.attempt("names-not-kept", _keep(session, belongs_to, opened))


async def _keep(session: Session, belongs_to: ObjectId, opened: OpenedDocument) -> None:
    names, opening = KnownNames(session.home, session.openings), opened.content.opening
    for party, term in _named(await show(session, belongs_to, ObjectView)):
        name = opening.terms.get(term, "")[:LETTERS]
        if name:
            names.keep(KnownName(name=name, party=party, source=NameSource.DOCUMENT, stated_in=bytes(belongs_to)))
    for each in arrived(opening.identities):
        await identified(session, each.to_json())
        if "name" in each.terms:
            name = each.terms["name"][:LETTERS]
            names.keep(KnownName(name=name, party=each.party, source=NameSource.IDENTITY, stated_in=None))


def _named(view: ObjectView) -> tuple[tuple[ObjectId, str], ...]:
    """Say which parties of an object its document names, by which terms."""
    match view:
        case InvoiceView():
            return (bytes(view.links.seller), "BT-27"), (bytes(view.links.buyer), "BT-44")
        case CertificateView():
            return ((bytes(view.links.exporter), "exporter"),)
        case _:
            return ()
