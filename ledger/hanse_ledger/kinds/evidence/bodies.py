"""What can be written of misbehaviour."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits
from hanse_ledger.values.types import MemberId
from hanse_ledger.wire.part import Body


class ReportEvidence(Body, frozen=True, kw_only=True):
    """Record evidence against members. Signed by the reporting member. Rule X-1.

    `evidence` is a file that proves by itself whom it speaks against (see `accusing`); `accused` is whom.
    """

    accused: Annotated[tuple[MemberId, ...], Meta(min_length=1, max_length=limits.MEMBERS)]
    evidence: Annotated[bytes, Meta(min_length=1, max_length=limits.EVIDENCE_BYTES)]
    member: MemberId
