"""The row of evidence against members."""

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.evidence import samples
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.evidence.rules import report_evidence
from hanse_ledger.kinds.kind import Kind, no_claims, no_key, no_object, no_references, nobody

REPORT = Kind(
    name="evidence.report",
    number="X-1",
    body=ReportEvidence,
    rule=report_evidence,
    object=None,
    creates=False,
    about=no_object,
    references=no_references,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.report,
)

KINDS = (REPORT,)
