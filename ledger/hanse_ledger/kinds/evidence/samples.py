"""A sample of each record of misbehaviour."""

from hanse_ledger.kinds.evidence.bodies import ReportEvidence


def report() -> ReportEvidence:
    """The market reports a bank. No rule looks into the file; whoever checks a proof does."""
    return ReportEvidence(accused=("bank-be",), evidence=b"evidence 1", member="market")
