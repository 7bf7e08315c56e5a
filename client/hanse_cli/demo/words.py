"""The demonstration in words: tables that read the same with and without colour."""

from collections.abc import Sequence

from hanse_cli.base.console import table
from hanse_cli.demo.checks import Verified
from hanse_cli.demo.story import Trade
from hanse_documents.checks import CHECKS, Agreement, Finding, Weight
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.figures import decimal_text, quantity_text

SHOWN = 48
"""How many characters of a compared value are shown."""


def parties_table(trust: TrustFile) -> str:
    """List the members as the trust file names them."""
    members = trust.membership.members
    return "\n".join(
        f"  {row}"
        for row in table((f"{member.id}", _duty(member.name, member.roles)) for member in members).splitlines()
    )


def _duty(name: str, roles: Sequence[str]) -> str:
    return f"{name} ({', '.join(roles)})"


def settlement_lines(trade: Trade) -> str:
    """Say what is left of the invoice and of the certificate."""
    places = trade.minor_digits
    sums = (trade.settled_minor, trade.credited_minor, trade.payable_minor)
    settled, credited, payable = (decimal_text(amount, places) for amount in sums)
    written_off, certified = (quantity_text(micro, None) for micro in (trade.written_off_micro, trade.certified_micro))
    return (
        f"\n     Settled of the invoice: {settled} of {payable} {trade.currency}; credited: {credited}"
        f"\n     Written off the certificate: {written_off} of {certified} {'/'.join(trade.units)}"
    )


def findings_table(findings: Sequence[Finding]) -> str:
    """List each check with its answers, and count them."""
    lines = []
    for check in CHECKS:
        answers = [finding for finding in findings if finding.check == check.number]
        if not answers:
            continue
        worst = _worst(answers)
        lines.append(f"  {_MARK[worst]:<14} {check.number:<5} {check.title}{_values(answers, worst)}")
    counts = ", ".join(
        f"{sum(each.outcome is outcome for each in findings)} {_COUNTED[outcome]}" for outcome in Agreement
    )
    return "\n".join([*lines, f"  Of {len(findings)} answers {counts}"])


_COUNTED = {
    Agreement.AGREES: "agree",
    Agreement.DIFFERS: "differ",
    Agreement.CANNOT_COMPARE: "cannot be compared",
}
_MARK = {Agreement.AGREES: "agrees", Agreement.DIFFERS: "DIFFERS", Agreement.CANNOT_COMPARE: "cannot compare"}


def _worst(answers: Sequence[Finding]) -> Agreement:
    outcomes = {answer.outcome for answer in answers}
    return next(each for each in (Agreement.DIFFERS, Agreement.CANNOT_COMPARE, Agreement.AGREES) if each in outcomes)


def _values(answers: Sequence[Finding], worst: Agreement) -> str:
    """Show what was compared: of a difference both sides, else the first of what agrees."""
    answer = next(each for each in answers if each.outcome is worst)
    left, right = _short(answer.left_value), _short(answer.right_value)
    if worst is Agreement.AGREES:
        more = f" and {len(answers) - 1} more" if len(answers) > 1 else ""
        return f": {left}{more}" if left else ""
    weight = " (a warning)" if answer.weight is Weight.WARNING else ""
    return f"{weight}: {answer.left_field} {left or 'is absent'}; {answer.right_field} {right or 'is absent'}"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def verdict_lines(verified: Verified) -> str:
    """Say what a fresh process has said."""
    rows = [
        ("  verdict", f"{verified.verdict.upper()} (exit code {verified.exit_code})"),
        ("  because", verified.detail),
        ("  steps taken", str(verified.steps)),
    ]
    if verified.vouchers:
        rows.append(("  vouchers", verified.vouchers))
    rows += [("  proven", subject) for subject in verified.subjects]
    rows += [("  disclosed", term) for term in verified.terms]
    return table(rows)
