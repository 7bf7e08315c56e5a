"""What drew on a certificate: the declarations that name its lines, from its own records, each proven."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from hanse_client.base.identifiers import PrintedBytes
from hanse_client.base.objects import ObjectView
from hanse_client.base.views import RecordView
from hanse_ledger.kinds import steps_of
from hanse_ledger.kinds.bundle.steps import TakenStep
from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration
from hanse_ledger.values.figures import quantity_text
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import ObjectId

if TYPE_CHECKING:
    from hanse_client.client import Client

MOST = 64
"""So many of a certificate's newest records are looked at."""


class Drawing(Struct, frozen=True, kw_only=True):
    """How much a declaration took of one line of a certificate, when, and what became of the declaration."""

    declaration: ObjectId
    state: str
    regime: str
    line: int
    quantity_micro: int
    unit: str
    lodged: str

    @property
    def words(self) -> str:
        """Say it in one line."""
        quantity = quantity_text(self.quantity_micro, self.unit)
        return f"{quantity} of line {self.line}, {self.regime}, {self.state}, lodged {self.lodged}"


def drawings_on(client: "Client", certificate: ObjectView) -> list[Drawing]:
    """Find which declarations name a certificate, among its newest records, newest first. Raises as `Client.records`.

    An import reserves what it names until it is refused, withdrawn or lapsed; an export only shows that it is covered.
    """
    return list(_drawings(client, certificate.id))


def _drawings(client: "Client", certificate: ObjectId) -> Iterator[Drawing]:
    for record in islice(client.records(certificate), MOST):
        for step in steps_of(record.record.body, record.id):
            yield from _drawn_by(client, certificate, record, step)


def _drawn_by(client: "Client", certificate: ObjectId, record: RecordView, step: TakenStep) -> Iterator[Drawing]:
    body = step.body
    if not isinstance(body, LodgeDeclaration):
        return
    declaration = client.declarations.show(step.creates)
    for line in body.lines:
        if line.certificate is not None and line.certificate.certificate == certificate:
            yield Drawing(
                declaration=PrintedBytes(declaration.id),
                state=declaration.state,
                regime=body.regime.value,
                line=line.certificate.line,
                quantity_micro=line.quantity_micro,
                unit=line.unit,
                lodged=moment_words(record.time_ms),
            )
