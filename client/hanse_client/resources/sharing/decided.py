"""What a document waits for before it may be erased: the declarations that count on the invoice it belongs to."""

from hanse_client.base.objects import DeclarationView, DocumentView, InvoiceView, ObjectView
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.resources.sharing.invoicesteps import created_naming
from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration
from hanse_ledger.kinds.declaration.state import COUNTED
from hanse_ledger.values.types import ObjectId


async def declarations_counted(session: Session, document: DocumentView) -> tuple[ObjectId, ...]:
    """Find the declarations that count on a document's invoice, in order of their ids; none where it has no invoice."""
    invoice = await show(session, document.links.belongs_to, ObjectView)
    if not isinstance(invoice, InvoiceView):
        return ()
    found = list[ObjectId]()
    async for name in created_naming(session, bytes(invoice.id), LodgeDeclaration):
        if len(found) == invoice.links.declarations:
            break
        if (await show(session, name, DeclarationView)).status.state in COUNTED:
            found.append(name)
    return tuple(sorted(found))
