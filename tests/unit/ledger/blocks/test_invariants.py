"""The invariants notice what no history leads to."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.claims import ClaimKind, claim_key, tag_claim
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.state import Invoice, InvoicePledge, InvoiceState, InvoiceStatus
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS, OpenProposals, Proposal
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.pledge.state import Pledge, PledgeState, PledgeStatus
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.membership import Membership
from tests.world.corridor import Corridor, story
from tests.world.corridor_bodies import a_cosigner, change
from tests.world.corridor_genesis import GENESIS, MEMBERS, public, uetr_of
from tests.world.entries import bodies_of
from tests.world.trade.pledging import pay, pay_out, pledge, release


def busy() -> Corridor:
    """A whole trade, and beside it a payment under way, an import to be decided, and a cancelled invoice."""
    corridor = story()
    corridor.issue_invoice(2, name="second")
    corridor.instruct_payment(40_000, invoice="second", number=2, name="under way")
    corridor.submit(corridor.make.declaration(Regime.IMPORT, 50_000), "agent", "buyer", name="lodged")
    corridor.issue_invoice(3, name="closed")
    corridor.submit(corridor.make.cancellation("closed"), "seller")
    corridor.issue_invoice(4, name="pledged")
    corridor.accept_invoice("pledged")
    pledge(corridor, invoice="pledged", number=4, name="released")
    release(corridor, "released")
    pledge(corridor, invoice="pledged", number=4)
    pay_out(corridor)
    pay(corridor, 60_000, invoice="pledged", number=4, name="redirected")
    corridor.confirm_payment("redirected")
    return corridor


CORRIDOR = busy()
TAGS = tuple(tag_claim(tag.epoch, tag.value) for tag in CORRIDOR.make.invoice().tags)
RECORDS = list(bodies_of(CORRIDOR.entries))
ID = CORRIDOR.id


class State(NamedTuple):
    """A state that may be broken."""

    objects: dict[ObjectId, Object]
    numbers: dict[ObjectId, int]
    claims: dict[Digest, bytes]
    membership: Membership = GENESIS.membership
    proposals: OpenProposals = NO_PROPOSALS


def state() -> State:
    """Copy the corridor's state."""
    ledger = CORRIDOR.ledger
    return State(dict(ledger.objects), dict(ledger.numbers), dict(ledger.claims))


def test_reached_state_has_no_breach() -> None:
    """The rules lead to states in which everything agrees."""
    assert breaches(CORRIDOR.ledger, RECORDS) == []


def amounts(**changes: int) -> Callable[[Object], Object]:
    """Change an invoice's amounts."""
    return lambda value: (
        replace(value, amounts=replace(value.amounts, **changes)) if isinstance(value, Invoice) else value
    )


def balance(**changes: int | str) -> Callable[[Object], Object]:
    """Change a certificate's first balance."""

    def change(value: Object) -> Object:
        assert isinstance(value, Certificate)
        return replace(value, balances=(replace(value.balances[0], **changes), *value.balances[1:]))

    return change


def aspect(value: Object, name: str) -> Struct:
    """Give an aspect of an object by its name."""
    found = getattr(value, name)
    assert isinstance(found, Struct)
    return found


def links(**changes: object) -> Callable[[Object], Object]:
    """Change an object's links."""
    return lambda value: replace(value, links=replace(aspect(value, "links"), **changes))


def acceptance(**changes: object) -> Callable[[Object], Object]:
    """Change what an invoice's buyer has accepted."""
    return lambda value: replace(value, acceptance=replace(aspect(value, "acceptance"), **changes))


def invoice_state(now: InvoiceState) -> Callable[[Object], Object]:
    """Change an invoice's state."""
    return lambda value: replace(value, status=InvoiceStatus(state=now))


def pledge_amounts(**changes: object) -> Callable[[Object], Object]:
    """Change what a pledge stands for."""
    return lambda value: (
        replace(value, amounts=replace(value.amounts, **changes)) if isinstance(value, Pledge) else value
    )


def pledge_state(now: PledgeState) -> Callable[[Object], Object]:
    """Change a pledge's state."""
    return lambda value: replace(value, status=PledgeStatus(state=now))


def party_key(key: bytes | None) -> Callable[[Object], Object]:
    """Change a party's present key."""
    return lambda value: replace(value, key=replace(value.key, key=key)) if isinstance(value, Party) else value


def twice(value: Object) -> Object:
    """Split a payment's one allocation in two to the same invoice."""
    assert isinstance(value, Payment)
    (part,) = value.amounts.allocations
    first, second = replace(part, amount_minor=1), replace(part, amount_minor=part.amount_minor - 1)
    return replace(value, amounts=replace(value.amounts, allocations=(first, second)))


def to_nobody(value: Object) -> Object:
    """Let a payment pay a party."""
    assert isinstance(value, Payment)
    (part,) = value.amounts.allocations
    allocations = (replace(part, invoice=ID["seller"]),)
    return replace(value, amounts=replace(value.amounts, allocations=allocations))


def without_roles(value: Object) -> Object:
    """Take a party's roles away."""
    assert isinstance(value, Party)
    return replace(value, status=replace(value.status, roles=()))


def total(value: Object) -> Object:
    """Change a payment's amount."""
    assert isinstance(value, Payment)
    return replace(value, amounts=replace(value.amounts, amount_minor=1))


def arrived(credited_minor: int, charged_minor: int) -> Callable[[Object], Object]:
    """Change what was credited and charged of a payment."""

    def change(value: Object) -> Object:
        assert isinstance(value, Payment)
        amounts = replace(value.amounts, credited_minor=credited_minor, charged_minor=charged_minor)
        return replace(value, amounts=amounts)

    return change


def other_line(value: Object) -> Object:
    """Let a declaration draw on a line that the certificate does not have."""
    assert isinstance(value, Declaration)
    (line,) = value.lines
    assert line.certificate is not None
    return replace(value, lines=(replace(line, certificate=replace(line.certificate, line=3)),))


BROKEN: list[tuple[str, Callable[[Object], Object], str]] = [
    ("invoice", amounts(settled_minor=100_001), "is overpaid"),
    ("invoice", amounts(settled_minor=-1), "is overpaid, or less than nothing"),
    ("second", amounts(under_way_minor=-1), "is overpaid, or less than nothing"),
    ("second", amounts(under_way_minor=100_001), "is overpaid"),
    ("second", amounts(under_way_minor=39_999), "amounts of invoice"),
    ("invoice", amounts(settled_minor=99_999), "amounts of invoice"),
    ("invoice", amounts(credited_minor=1), "is overpaid"),
    ("second", amounts(credited_minor=-1), "is overpaid, or less than nothing"),
    ("invoice", links(declarations=2), "miscounts its declarations"),
    ("invoice", invoice_state(InvoiceState.CANCELLED), "is closed, and paid"),
    ("second", invoice_state(InvoiceState.REFUSED), "is closed, and paid"),
    (
        "closed",
        lambda value: replace(value, pledge=InvoicePledge(pledged_by=bytes(32))),
        "is closed, and paid, declared or pledged",
    ),
    ("closed", invoice_state(InvoiceState.ISSUED), "the claim"),
    ("invoice", invoice_state(InvoiceState.ISSUED), "was accepted, and is issued"),
    ("invoice", lambda value: replace(value, acceptance=None), "nobody knows for how much"),
    ("invoice", acceptance(accepted_minor=100_001), "is accepted for what was never payable"),
    ("invoice", acceptance(currency="USD"), "is accepted for what was never payable"),
    ("invoice", acceptance(accepted_due=None), "is accepted for another day"),
    ("second", links(tags=()), "the claim"),
    ("second", links(tags=TAGS), "two bear the claim"),
    ("second", links(buyer=ID["seller"]), "is not between two parties"),
    ("second", links(seller=ID["invoice"]), "is not between two parties"),
    ("certificate", balance(reserved_micro=200_001_000), "is overdrawn"),
    ("certificate", balance(reserved_micro=-1), "is overdrawn, or less than nothing"),
    ("certificate", balance(written_off_micro=-1), "is overdrawn, or less than nothing"),
    ("certificate", balance(reserved_micro=49_999_000), "is not what its declarations leave"),
    ("certificate", balance(written_off_micro=299_999_000), "is not what its declarations leave"),
    ("certificate", balance(hs_code="610990"), "declares other goods than are certified"),
    ("certificate", links(consignee=ID["invoice"]), "is not for parties"),
    ("lodged", links(invoices=(ID["invoice"], ID["invoice"])), "does not name each of its invoices once"),
    ("lodged", links(invoices=(ID["seller"],)), "does not name each of its invoices once"),
    ("lodged", links(principal=ID["invoice"]), "is not lodged by parties"),
    ("lodged", other_line, "draws on a line that no certificate has"),
    ("payment", twice, "pays an invoice twice"),
    ("payment", total, "is not the sum of its allocations"),
    ("payment", arrived(59_999, 0), "does not follow from its amounts"),
    ("payment", arrived(100_001, 0), "was confirmed, returned or ended than there is"),
    ("payment", arrived(60_001, -1), "less than nothing of payment"),
    ("payment", links(payer=ID["agent"]), "pays an invoice between others"),
    ("payment", links(uetr=uetr_of(2)), "two bear the claim"),
    ("payment", links(uetr=uetr_of(3)), "the claim"),
    ("buyer", party_key(public("agent")), "is not claimed for it"),
    ("payment", to_nobody, "pays what is no invoice"),
    ("pledge", pledge_amounts(settled_minor=59_999), "is not what payments have settled that name it"),
    ("pledge", pledge_amounts(paid_out_minor=-1), "less than nothing was paid out on"),
    ("pledge", pledge_amounts(paid_out_minor=100_001), "or more than was pledged"),
    ("pledge", links(invoice=ID["seller"]), "is of no invoice"),
    ("pledge", links(seller=ID["buyer"]), "is another's than its invoice's seller"),
    ("pledge", pledge_amounts(currency="USD"), "is of another currency than its invoice"),
    ("pledge", pledge_amounts(minor_digits=3), "is of another currency than its invoice"),
    ("pledge", pledge_state(PledgeState.RELEASED), "is live and not on its invoice"),
    ("released", pledge_state(PledgeState.LIVE), "is live and not on its invoice"),
    ("pledge", pledge_amounts(amount_minor=100_001), "stands for more than is left to be paid"),
    ("pledged", invoice_state(InvoiceState.CANCELLED), "is of an invoice that nobody has accepted"),
    ("pledged", links(tags=()), "that bears no tag"),
    ("pledged", lambda value: replace(value, pledge=InvoicePledge(pledged_by=ID["seller"])), "is pledged by no pledge"),
    ("buyer", without_roles, "may never do anything"),
    ("buyer", lambda value: replace(value, history=NO_HISTORY), "has no history"),
    ("buyer", lambda value: replace(value, id=bytes(32)), "stands under another id"),
]


@pytest.mark.parametrize(("name", "change", "words"), BROKEN, ids=[f"{row[0]} {row[2]}" for row in BROKEN])
def test_broken_object_is_noticed(name: str, change: Callable[[Object], Object], words: str) -> None:
    """Each sum, count and link is compared with what it stands for."""
    broken = state()
    broken.objects[ID[name]] = change(broken.objects[ID[name]])
    assert any(words in breach for breach in breaches(broken, RECORDS))


@pytest.mark.parametrize("key", sorted(CORRIDOR.ledger.claims), ids=lambda key: key.hex()[:8])
def test_claim_that_is_missing_or_another_is_noticed(key: Digest) -> None:
    """Every claim follows from the objects and the records."""
    missing, other = state(), state()
    del missing.claims[key]
    other.claims[key] = bytes(32)
    for broken in (missing, other):
        assert any(key.hex()[:16] in breach for breach in breaches(broken, RECORDS))


def test_members_who_cannot_be_are_noticed() -> None:
    """Members out of order, and too small a quorum."""
    membership = GENESIS.membership
    cosigners = (*membership.cosigners, a_cosigner("s"), a_cosigner("t"))
    for wrong, words in (
        (replace(membership, members=membership.members[::-1]), "once each, in order"),
        (replace(membership, cosigners=cosigners), "more than two thirds"),
    ):
        (found,) = breaches(state()._replace(membership=wrong), RECORDS)
        assert words in found


def test_proposals_that_cannot_be_are_noticed() -> None:
    """A member that has voted for and against, one that has none, and what should have been decided."""
    proposal = Proposal(
        accepted=False,
        approvals=("market",),
        change=change(removed=["chamber"]),
        closes=0,
        id=bytes(32),
        proposer="market",
        ready=(),
        refusals=(),
    )
    assert breaches(state()._replace(proposals=OpenProposals([proposal])), RECORDS) == []
    everybody = tuple(sorted(MEMBERS))
    for changes, words in (
        ({"refusals": ("market",)}, "voted twice"),
        ({"approvals": ("market", "nobody")}, "no voting member"),
        ({"accepted": True}, "not accepted by those who carry it"),
        ({"approvals": everybody}, "not accepted by those who carry it"),
        ({"approvals": everybody, "accepted": True}, "has not taken effect"),
    ):
        wrong = OpenProposals([replace(proposal, **changes)])
        assert any(words in breach for breach in breaches(state()._replace(proposals=wrong), RECORDS))


def test_claim_too_many_is_noticed() -> None:
    """A revocation without a record is none, and a revoked key is nobody's present one."""
    broken = state()
    broken.claims[claim_key(ClaimKind.REVOKED_KEY, public("buyer"))] = bytes(32)
    found = breaches(broken, RECORDS)
    assert len(found) == 2
    assert "the present key of party" in found[0]


@pytest.mark.parametrize("numbers", [{}, {ID["seller"]: 0}])
def test_numbers_are_compared_with_the_objects(numbers: dict[ObjectId, int]) -> None:
    """Each object has one number, from 0 without a gap."""
    broken = state()._replace(numbers=numbers)
    assert breaches(broken, RECORDS) == ["the objects are not numbered from 0 without a gap"]
