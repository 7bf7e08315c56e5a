"""Commands that take an id, and reasons at most: each row calls what its name says, once, with what was typed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hanse_cli.base.session import CommandSession
from hanse_cli.commands import acts
from hanse_cli.main import run
from hanse_ledger.kinds import KINDS
from hanse_ledger.kinds.certificate.bodies import CertificateRevocation

ID = "ab" * 32

CALLS: dict[str, tuple[str, tuple[object, ...]]] = {
    "certificate refuse --reason DOCS": ("certificates.refuse", (["DOCS"],)),
    "certificate withdraw": ("certificates.withdraw", ()),
    "certificate revoke --reason issued-in-error": ("certificates.revoke", (CertificateRevocation.ERROR,)),
    "declaration lapse": ("declarations.lapse", ()),
    "declaration refuse --reason PRICE": ("declarations.refuse", (["PRICE"],)),
    "declaration show": ("declarations.show", ()),
    "declaration withdraw": ("declarations.withdraw", ()),
    "document erase": ("documents.erase", ()),
    "invoice cancel": ("invoices.cancel", ()),
    "invoice refuse --reason PRICE --reason GOODS": ("invoices.refuse", (["PRICE", "GOODS"],)),
    "invoice show": ("invoices.show", ()),
    "order show": ("orders.show", ()),
    "mandate revoke": ("mandates.revoke", ()),
    "mandate show": ("mandates.show", ()),
    "pledge show": ("pledges.show", ()),
    "office show": ("offices.show", ()),
    "party reinstate": ("parties.reinstate", ()),
    "shipment show": ("shipments.show", ()),
    "title reject --reason GOODS": ("titles.reject", (["GOODS"],)),
    "title show": ("titles.show", ()),
    "party suspend --reason DOCS": ("parties.suspend", (["DOCS"],)),
    "payment reject --reason AM04": ("payments.reject", ("AM04",)),
    "payment accept": ("payments.accept", ()),
    "payment show": ("payments.show", ()),
    "payment withdraw": ("payments.withdraw", ()),
}


class Written:
    """A client that writes down what it is asked."""

    def __init__(self, calls: list[tuple[str, tuple[object, ...]]], name: str = "") -> None:
        self._calls, self._name = calls, name

    def __getattr__(self, name: str) -> "Written":
        """Follow a name."""
        return Written(self._calls, f"{self._name}.{name}".removeprefix("."))

    def __call__(self, *given: object) -> None:
        """Write the call down."""
        self._calls.append((self._name, given))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Give what is asked of the SDK, and whether somebody would have signed."""
    calls: list[object] = []

    @contextmanager
    def client(_session: CommandSession, *, signs: bool = True) -> Iterator[Written]:
        written: list[tuple[str, tuple[object, ...]]] = []
        yield Written(written)
        calls.extend((*call, signs) for call in written)

    def answer(*_given: object) -> None:
        """Say nothing."""

    monkeypatch.setattr(CommandSession, "client", client)
    monkeypatch.setattr(acts, "answer_receipt", answer)
    monkeypatch.setattr(acts, "answer_object", answer)
    return calls


def test_every_row_is_written_here() -> None:
    """A row that is added gets its line in the table above."""
    rows = {f"{noun} {act.name}" for noun, group in acts.ACTS.items() for act in group}
    assert {words.partition(" --")[0] for words in CALLS} == rows


TWO_SIGN = {"pledge.release", "title.surrender"}
"""What two sign, one after the other, always or where a bank has left: it travels as a draft."""


def test_what_needs_an_id_and_reasons_is_a_row() -> None:
    """A kind of record whose body is an object's id, and reasons at most, has its command in the table."""
    rows = {f"{noun}.{act.name}" for noun, group in acts.ACTS.items() for act in group}
    plain = {
        kind.name
        for kind in KINDS
        if kind.name.partition(".")[0] in kind.body.__struct_fields__
        and len({*kind.body.__struct_fields__} - {"reason", "reasons"}) == 1
    }
    assert len(plain) >= 10
    assert plain - rows <= TWO_SIGN


@pytest.mark.parametrize("words", CALLS)
def test_a_row_calls_what_its_name_says(words: str, seen: list[object]) -> None:
    """The id, then the reasons, as they were typed; who only looks does not sign."""
    noun, name, *options = words.split()
    called, reasons = CALLS[words]
    assert run([noun, name, ID, *options]) == 0
    assert seen == [(called, (ID, *reasons), name != "show")]


@pytest.mark.parametrize("words", [words for words in CALLS if "--reason" in words])
def test_where_reasons_are_asked_for_they_are_needed(
    words: str, seen: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without one nothing is sent."""
    noun, name, *_ = words.split()
    assert run([noun, name, ID]) == 2
    assert "--reason" in capsys.readouterr().err
    assert seen == []
