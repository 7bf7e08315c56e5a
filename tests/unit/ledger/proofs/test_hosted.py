"""What a host shows is never simply valid on its own page."""

import pytest
from msgspec.structs import replace

from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.statement import as_hosted, ended
from hanse_ledger.values.messages import said
from hanse_ledger.values.verdict import Verdict


def report_of(verdict: Verdict) -> Report:
    """Make a report with a verdict."""
    return replace(ended(verdict, said("seen.form", "{bytes} bytes, {records} records", 1, 1), ()), as_of=0)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_no_verdict_gets_better_and_each_is_warned_of(verdict: Verdict) -> None:
    """The host is named first in the warnings; a valid proof is valid with warnings, and every other verdict stays."""
    hosted = as_hosted(report_of(verdict), "bank.example")
    assert hosted.verdict is (Verdict.VALID_WITH_WARNINGS if verdict is Verdict.VALID else verdict)
    assert hosted.warnings[0].startswith("bank.example shows this")
    assert hosted.said.warnings[0].words == hosted.warnings[0]
    assert (hosted.detail == hosted.warnings[0]) == (verdict is Verdict.VALID)
