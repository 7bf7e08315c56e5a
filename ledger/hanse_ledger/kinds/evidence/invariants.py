"""What every reachable state satisfies of evidence: it counts what was reported."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.claims import COUNT_BYTES, ClaimKind, claim_key, reports_claim
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, no_breaches, nothing_ended
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest


def _claimed(_: ReachedState, records: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive who reported which file first, and what each member has reported on each day, in all and against each."""
    counts: Counter[Digest] = Counter()
    for record, body, at in records:
        if isinstance(body, ReportEvidence):
            yield claim_key(ClaimKind.EVIDENCE, hash_bytes(body.evidence)), record
            counts.update(reports_claim(body.member, accused, at) for accused in (None, *body.accused))
    for claim, count in counts.items():
        yield claim, count.to_bytes(COUNT_BYTES, "big")


INVARIANTS = Invariants(no_breaches, _claimed, nothing_ended)
