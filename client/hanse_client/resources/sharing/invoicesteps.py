"""What records have created that name an invoice: each step that does so itself, and no other of the same bundle."""

from collections.abc import AsyncIterator

from hanse_client.base.objects import InvoiceView
from hanse_client.exchange.reading import walk_records
from hanse_client.exchange.session import Session
from hanse_ledger.kinds import references, steps_of
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body


async def created_naming(session: Session, invoice: ObjectId, body: type[Body]) -> AsyncIterator[ObjectId]:
    """Walk over what steps of a kind have created that name an invoice, the newest first: proven, none left out."""
    async for record in walk_records(session, invoice, InvoiceView):
        for step in reversed(steps_of(record.record.body, record.id)):
            if isinstance(step.body, body) and invoice in references(step.body):
                yield step.creates
