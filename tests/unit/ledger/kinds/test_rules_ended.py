"""Rule H-2: what comes to nothing on another's invoice or certificate is counted for each trader, and bounded."""

from collections.abc import Callable, Iterable

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.kinds.bundle.rules import StateAfter
from hanse_ledger.kinds.claims import ended_claim
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.ended import count_ended, require_room
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.reasons import rule_of
from hanse_ledger.kinds.refusals import TOO_MANY_ENDED
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import ObjectId
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.part import Body
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY
from tests.world.entries import bodies_of
from tests.world.goods import goods, line


def ready() -> Corridor:
    """An invoice, a certificate for any consignee, and a second agent."""
    corridor = goods()
    corridor.enrol("other agent", PartyRole.AGENT)
    return corridor


def lodge(corridor: Corridor, regime: Regime = Regime.IMPORT, agent: str = "agent", trader: str = "buyer") -> None:
    """Declare one piece of the certificate for any consignee, in a trader's name."""
    body = replace(
        corridor.make.declaration(regime),
        declarant=corridor.id[agent],
        principal=corridor.id[trader],
        lines=(line(corridor.id["for all"], quantity_micro=1),) * 2,
    )
    corridor.submit(body, agent, trader, name="import")


def count(corridor: Corridor, name: str, trader: str = "buyer") -> int:
    """Give what of a trader's has ended on an object."""
    return int.from_bytes(corridor.ledger.claim(ended_claim(corridor.id[name], corridor.id[trader])) or b"", "big")


def reasons(corridor: Corridor, body: Body, *signers: str) -> Reason | None:
    """Try a record, and give the reason of its refusal."""
    error = corridor.refusal(body, *signers)
    return error.reason if error else None


def refuse(corridor: Corridor) -> None:
    """Have customs refuse the declaration."""
    corridor.submit(corridor.make.declaration_refusal(), "customs-be")


def withdraw(corridor: Corridor) -> None:
    """Have the agent withdraw the declaration."""
    corridor.submit(corridor.make.withdrawal(), "agent")


def lapse(corridor: Corridor) -> None:
    """Have the seller let the declaration lapse."""
    corridor.submit(corridor.make.lapse(), "seller", at=corridor.head.time + 90 * DAY)


@pytest.mark.parametrize("regime", [Regime.IMPORT, Regime.EXPORT])
@pytest.mark.parametrize("end", [refuse, withdraw, lapse])
def test_declaration_that_ends_counts_once_for_its_trader(end: Callable[[Corridor], None], regime: Regime) -> None:
    """C-3, C-4, C-5: the principal is counted on the invoice and on the certificate; nobody else is, and not twice."""
    corridor = ready()
    body = replace(
        corridor.make.declaration(Regime.IMPORT),
        regime=regime,
        lines=(line(corridor.id["for all"], quantity_micro=1),) * 2,
    )
    for number in (1, 2):
        corridor.submit(body, "agent", "buyer", name="import")
        end(corridor)
        assert (count(corridor, "invoice"), count(corridor, "for all")) == (number, number)
    assert count(corridor, "certificate") == 0
    assert [count(corridor, "invoice", name) for name in ("agent", "seller", "other")] == [0, 0, 0]
    assert breaches(corridor.ledger, bodies_of(corridor.entries)) == []


def reject(corridor: Corridor) -> None:
    """Have the payer's bank reject the payment."""
    corridor.submit(corridor.make.payment_rejection(), "bank-be")


def take_back(corridor: Corridor) -> None:
    """Have the payee withdraw the payment."""
    corridor.submit(corridor.make.payment_withdrawal(), "seller", at=corridor.head.time + 30 * DAY)


@pytest.mark.parametrize("end", [reject, take_back])
def test_payment_that_ends_counts_once_for_its_payer(end: Callable[[Corridor], None]) -> None:
    """S-4, S-5: whoever ends it, the payer is counted, on each invoice that it was to pay."""
    corridor = ready()
    corridor.instruct_payment(1)
    end(corridor)
    assert count(corridor, "invoice") == 1
    assert count(corridor, "invoice", "seller") == 0
    assert breaches(corridor.ledger, bodies_of(corridor.entries)) == []


def test_what_succeeds_is_not_counted() -> None:
    """Released goods and confirmed payments count for nobody, and a payment that went back has not come to nothing."""
    corridor = ready()
    lodge(corridor)
    corridor.release_import()
    corridor.instruct_payment(1)
    corridor.confirm_payment()
    corridor.submit(corridor.make.payment_return(amount_minor=1), "bank-cn")
    assert (count(corridor, "invoice"), count(corridor, "for all")) == (0, 0)


def ended(times: int) -> Corridor:
    """The buyer has withdrawn so many imports."""
    corridor = ready()
    for _ in range(times):
        lodge(corridor)
        withdraw(corridor)
    return corridor


ALMOST, FULL = ended(limits.ENDED - 1), ended(limits.ENDED)


def bodies(corridor: Corridor) -> Iterable[tuple[Body, tuple[str, ...]]]:
    """What the buyer may open on the invoice or the certificate: by itself, by either agent, in both directions."""
    lines = (line(corridor.id["for all"], quantity_micro=1),)
    for regime in (Regime.EXPORT, Regime.IMPORT):
        body = replace(corridor.make.declaration(Regime.IMPORT), regime=regime, lines=lines)
        yield body, ("agent", "buyer")
        yield replace(body, declarant=corridor.id["other agent"]), ("other agent", "buyer")
        yield replace(body, declarant=corridor.id["buyer"], principal=None), ("buyer",)
    yield corridor.make.instruction(1, number=9), ("buyer",)


def test_sixteen_that_ended_are_the_last() -> None:
    """H-2: who has fifteen opens one more, who has sixteen none: alone or by another agent, import, export, payment."""
    for body, signers in bodies(ALMOST):
        assert ALMOST.refusal(body, *signers) is None
    for body, signers in bodies(FULL):
        error = FULL.refusal(body, *signers)
        assert error is not None
        assert (error.reason, error.seen) == (TOO_MANY_ENDED, str(limits.ENDED))
        assert error.wanted.startswith(f"fewer than {limits.ENDED} ")
        assert rule_of("declaration.lodge", error.reason, error.pointer) == "H-2"


def test_bound_is_the_traders_own_on_that_object() -> None:
    """H-2: the owner goes on, also by the same agent; so does the buyer on another document, and another trader."""
    lines = (line(FULL.id["for all"], quantity_micro=1),)
    own = replace(FULL.make.declaration(Regime.EXPORT), lines=lines)
    assert FULL.refusal(own, "seller") is None
    by_agent = replace(own, declarant=FULL.id["agent"], principal=FULL.id["seller"])
    assert FULL.refusal(by_agent, "agent", "seller") is None
    corridor = ended(limits.ENDED)
    corridor.issue_invoice(7, name="invoice")
    assert reasons(corridor, corridor.make.instruction(1), "buyer") is None
    assert reasons(corridor, corridor.make.declaration(Regime.IMPORT), "agent", "buyer") is None
    other = replace(
        corridor.make.declaration(Regime.IMPORT),
        invoices=(corridor.id["to other"],),
        lines=lines,
        principal=corridor.id["other"],
    )
    assert reasons(corridor, other, "agent", "other") is None


@pytest.mark.parametrize("trader", [bytes(32), b"\xff" * 32])
def test_bound_is_everybodys_but_the_owners(trader: ObjectId) -> None:
    """H-2: before the owner by its id, or behind it; who is beyond the bound is refused as who is at it."""
    ledger, name = goods().ledger, ended_claim(goods().id["invoice"], trader)
    invoice = ledger.objects[goods().id["invoice"]]
    assert isinstance(invoice, Invoice)
    state = StateAfter(ledger)
    for times in (limits.ENDED, limits.ENDED + 1):
        state.claims[name] = times.to_bytes(4, "big")
        with pytest.raises(Rejected) as caught:
            require_room(state, invoice, trader, "/body/invoice")
        assert caught.value.reason is TOO_MANY_ENDED
    state.claims[name] = (limits.ENDED - 1).to_bytes(4, "big")
    require_room(state, invoice, trader, "/body/invoice")
    assert count_ended(ledger, [invoice], trader) == {name: (1).to_bytes(4, "big")}
    assert count_ended(ledger, [invoice], invoice.links.seller) == {}


def test_owner_ends_as_often_as_it_likes() -> None:
    """H-2: the exporter of a certificate, seller of the invoice, is not counted on them."""
    corridor = ready()
    for _ in range(limits.ENDED + 1):
        corridor.lodge_export(1)
        corridor.submit(corridor.make.withdrawal("export"), "seller")
    assert (count(corridor, "invoice", "seller"), count(corridor, "certificate", "seller")) == (0, 0)


def test_ending_is_never_refused() -> None:
    """H-2: what was open together ends together, and the count passes the bound."""
    corridor = ready()
    names = []
    for _ in range(limits.ENDED + 2):
        lodge(corridor)
        names.append(corridor.id["import"])
    for name in names:
        corridor.id["import"] = name
        withdraw(corridor)
    assert count(corridor, "for all") == limits.ENDED + 2


def test_proofs_are_not_stricter_than_the_ledger() -> None:
    """A file tells a part of what has ended, never more: what the ledger let in, a proof of it does too."""
    corridor = ended(limits.ENDED)
    corridor.issue_invoice(7, name="seventh")
    corridor.submit(corridor.make.instruction(1, invoice="seventh"), "buyer", name="payment")
    corridor.submit(corridor.make.payment_rejection(), "bank-be")
    trust = read_trust(corridor.trust)
    for name in ("invoice", "for all", "buyer", "agent", "import", "seventh", "payment"):
        report = check_proof(write_proof(ProofMaker(corridor).proof(corridor.id[name])), trust, corridor.head.time)
        assert report.verdict is not Verdict.TAMPERED, report.detail
        assert report.subjects, report.detail
