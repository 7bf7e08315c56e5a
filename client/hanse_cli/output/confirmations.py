"""What has become of the transactions of a bank's messages: one line each, and how far one is on the way."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from hanse_cli.base.console import say, table
from hanse_cli.base.session import CommandSession
from hanse_cli.output.exits import ExitCode

if TYPE_CHECKING:
    from hanse_client.resources.arriving.confirming import Confirmation

TOLD = 50
"""After so many transactions it is said how far one is."""


class Ways(NamedTuple):
    """How transactions are matched: see `client.payments.confirm_all`."""

    instructing: Sequence[Path]
    partial: bool
    by_amount: bool


def confirm_files(session: CommandSession, files: Sequence[Path], how: Ways) -> None:
    """Confirm what messages show, one after the other. Raises Exit where one is refused, or none is a payment here."""
    become: list[tuple[Path, Confirmation]] = []
    with session.client() as client:
        for file in files:
            confirmations = client.payments.confirm_all(file, **how._asdict())
            for number, each in enumerate(confirmations, 1):
                become.append((file, each))
                if number % TOLD == 0:
                    say(f"{file.name}: {number} transactions.")
    counts = Counter(each.outcome.value for _, each in become)
    rows = [(f"{file.name} #{each.place}", f"{each.outcome.value}: {_words(each)}") for file, each in become]
    session.answer([{"file": file.name, **_fields(each)} for file, each in become], table(rows))
    say(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "No transaction.")
    if counts["refused"]:
        raise typer.Exit(ExitCode.REFUSED)
    if not any(each.payment for _, each in become):
        raise typer.Exit(ExitCode.NOT_FOUND)


def _words(each: "Confirmation") -> str:
    payment = "" if each.payment is None else f"payment {each.payment.hex()}"
    by = f"by {each.matched_by}" if each.matched_by else ""
    parts = (each.amount, " ".join((payment, by)).strip(), each.reason, ", ".join(each.names))
    return "; ".join(part for part in parts if part)


def _fields(each: "Confirmation") -> dict[str, object]:
    return {
        "place": each.place,
        "outcome": each.outcome.value,
        "amount": each.amount,
        "names": list(each.names),
        "payment": each.payment,
        "matched_by": each.matched_by,
        "reason": each.reason,
        "record": None if each.receipt is None else each.receipt.record_id,
    }
