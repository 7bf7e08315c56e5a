"""One invoice on its way into the ledger: what looks like it is told, and its sealed document goes before it."""

from collections.abc import Sequence

from msgspec.structs import replace

from hanse_client.base.errors import NearDuplicate
from hanse_client.base.identifiers import Id
from hanse_client.base.views import Receipt
from hanse_client.exchange.nearduplicates import near_duplicates, told
from hanse_client.exchange.registering import register
from hanse_client.exchange.session import Session
from hanse_client.home.alike import KeptInvoice, Likeness
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.sealed import SealedDocument, shared
from hanse_client.resources.sharing.travelling import traders
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.object import created_id
from hanse_ledger.records.envelope import Signed


async def share_invoice(
    session: Session,
    body: IssueInvoice,
    data: bytes,
    opening: Opening,
    readers: Sequence[Id],
    buyer_identity: bytes | None,
) -> tuple[IssueInvoice, SealedDocument | None]:
    """Seal an invoice to its readers, and have its record name it. The identities of both travel inside, if known."""
    identities = traders(session, body.seller, buyer_identity) if readers else ()
    return await shared(session, body, data, opening, readers, identities)


async def register_invoice(
    session: Session,
    body: IssueInvoice,
    opening: Opening,
    likeness: Likeness,
    sealed: SealedDocument | None,
    *,
    again: bool,
    unlike: bool,
) -> Receipt:
    """Register an invoice, and tell what looks like it. Raises NearDuplicate where `unlike` is said."""
    ledger = (await session.trust()).ledger
    # A file that was sent before is found by itself: what it looks like was told then.
    sent_before = session.registered.find(ledger, body.seller, opening)
    alike = () if sent_before else await near_duplicates(session, ledger, likeness)
    if alike and unlike:
        raise NearDuplicate(alike)

    def keep(signed: Signed) -> None:
        session.alike.keep(ledger, KeptInvoice(likeness=likeness, object=created_id(signed.id), record=signed.id))

    receipt = await register(
        session,
        body,
        opening,
        issuer=body.seller,
        again=again,
        keep=keep,
        sealed=None if sealed is None else sealed.sealed,
        readers=() if sealed is None else sealed.readers,
    )
    warnings = tuple(session.notices.tell("near-duplicate", told(other)) for other in alike)
    return replace(receipt, warnings=(*warnings, *receipt.warnings))
