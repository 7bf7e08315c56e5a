"""Rules L-1 to L-3: pledges, their release and their assignment."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.claims import pledge_claim, tag_claim
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.kinds.invoice.refusals import (
    INVOICE_CURRENCY_DIFFERS,
    INVOICE_PAYMENT_UNDER_WAY,
    INVOICE_PLEDGED,
    INVOICE_UNKNOWN,
    NOT_SELLER,
    TAG_EPOCH_MISSING,
    TAG_EPOCH_UNKNOWN,
    TAGS_NOT_SORTED,
)
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.pledge import refusals as why
from hanse_ledger.kinds.pledge.bodies import AssignPledge, ReleasePledge
from hanse_ledger.kinds.pledge.state import Pledge, PledgeAmounts, PledgeLinks, PledgeState, PledgeStatus
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.membership import Parameters
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Altered, Corridor, traders
from tests.world.corridor_bodies import change
from tests.world.corridor_genesis import seed_of
from tests.world.departures import KEYS_END, after, leave, let_keys_end, lose_role, suspend
from tests.world.trade.pledging import assign, invoice_of, pay, pledge, pledge_of, pledging, release


def accepted() -> Corridor:
    """The buyer has accepted the invoice."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    return corridor


def pledged() -> Corridor:
    """The invoice is pledged to bank-cn; a second invoice is not accepted."""
    corridor = accepted()
    pledge(corridor)
    corridor.issue_invoice(2, name="second")
    return corridor


def released() -> Corridor:
    """The invoice was pledged."""
    corridor = pledged()
    release(corridor)
    return corridor


def under_way() -> Corridor:
    """A part of the pledged invoice is on its way to the bank."""
    corridor = pledged()
    pay(corridor, 40_000)
    return corridor


def credited() -> Corridor:
    """A credit note has come after the acceptance, and a payment is under way."""
    corridor = accepted()
    corridor.submit(corridor.make.credit(), "seller")
    corridor.instruct_payment(10_000)
    return corridor


def undated() -> Corridor:
    """Neither the invoice nor its buyer says when it is due."""
    corridor = traders()
    corridor.submit(replace(corridor.make.invoice(), due=None), "seller", name="invoice")
    corridor.accept_invoice()
    corridor.instruct_payment(10_000)
    return corridor


def paying_elsewhere() -> Corridor:
    """Of the accepted invoice, which is pledged to nobody, a part is on its way."""
    corridor = accepted()
    corridor.instruct_payment(10_000)
    return corridor


def untagged() -> Corridor:
    """The accepted invoice bears no tag."""
    corridor = traders()
    corridor.submit(replace(corridor.make.invoice(), tags=()), "seller", name="invoice")
    corridor.accept_invoice()
    return corridor


class TagPledged(Altered):
    """The state as it is, but for a pledge that stands on a tag of the invoice."""

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim: one pledge more stands."""
        tag = ACCEPTED.make.invoice().tags[1]
        return seed_of("pledge") if key == pledge_claim(tag_claim(tag.epoch, tag.value)) else super().claim(key)


class ClaimPledged(Altered):
    """The state as it is, but for a pledge of the invoice that its claim alone names."""

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim: one pledge more stands."""
        return seed_of("pledge") if key == pledge_claim(ACCEPTED.id["invoice"]) else super().claim(key)


ACCEPTED, PLEDGED, RELEASED, UNDER_WAY, UNTAGGED = accepted(), pledged(), released(), under_way(), untagged()
CREDITED, UNDATED, PAYING = credited(), undated(), paying_elsewhere()
SUSPENDED_CN, NO_BANK_CN, NO_BANK_BE = (
    after(pledged(), (suspend, "bank-cn")),
    after(pledged(), (lose_role, "bank-cn")),
    after(pledged(), (lose_role, "bank-be")),
)
SUSPENDED_BE = after(pledged(), (suspend, "bank-be"))
KEYLESS_BE, KEYLESS_CN = (after(pledged(), (let_keys_end, name)) for name in ("bank-be", "bank-cn"))
LEFT = after(pledged(), (leave, "bank-cn"))

CREATE = pledging(ACCEPTED)
BANK, BOTH = ("bank-cn",), ("bank-cn", "seller")
WRONG_TAGS = tuple(reversed(CREATE.tags))
WRONG = replace(CREATE, amount_minor=99_999, currency="USD", tags=WRONG_TAGS)
OTHER = replace(CREATE.tags[1], value=seed_of("other"))
SECOND = replace(pledging(PLEDGED, invoice="second"), currency="USD")
TAG_IS_PLEDGED: StateView = TagPledged(ACCEPTED.ledger)

CREATION = [
    Refused(ACCEPTED, replace(WRONG, bank="nobody", invoice=bytes(32)), ("chamber",), INVOICE_UNKNOWN, "/body/invoice"),
    Refused(ACCEPTED, replace(WRONG, bank="nobody"), ("chamber",), MEMBER_UNKNOWN, "/body/bank"),
    Refused(SUSPENDED_CN, pledging(SUSPENDED_CN, 1), ("chamber",), MEMBER_SUSPENDED, "/body/bank"),
    Refused(KEYLESS_CN, pledging(KEYLESS_CN, 1), ("chamber",), MEMBER_WITHOUT_KEY, "/body/bank", KEYS_END),
    Refused(NO_BANK_CN, pledging(NO_BANK_CN, 1), ("chamber",), MEMBER_LACKS_ROLE, "/body/bank"),
    Refused(ACCEPTED, replace(WRONG, bank="market"), BOTH, MEMBER_LACKS_ROLE, "/body/bank"),
    Refused(ACCEPTED, WRONG, ("bank-be", "buyer"), why.NOT_PLEDGEE, "/signers"),
    Refused(ACCEPTED, WRONG, ("bank-cn", "buyer"), NOT_SELLER, "/signers"),
    Refused(ACCEPTED, WRONG, BANK, NOT_SELLER, "/signers"),
    Refused(ACCEPTED, WRONG, ("bank-cn", "bank-be", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(UNDER_WAY, replace(pledging(UNDER_WAY), currency="USD"), BOTH, INVOICE_PLEDGED, "/body/invoice"),
    Refused(
        PLEDGED, replace(pledging(PLEDGED), bank="bank-be"), ("bank-be", "seller"), INVOICE_PLEDGED, "/body/invoice"
    ),
    Refused(ACCEPTED, WRONG, BOTH, INVOICE_PLEDGED, "/body/invoice", None, ClaimPledged(ACCEPTED.ledger)),
    Refused(PLEDGED, SECOND, BOTH, why.INVOICE_NOT_ACCEPTED, "/body/invoice"),
    Refused(CREDITED, pledging(CREDITED), BOTH, why.ACCEPTANCE_OUTDATED, "/body/invoice"),
    Refused(UNDATED, pledging(UNDATED), BOTH, why.ACCEPTED_WITHOUT_DUE, "/body/invoice"),
    Refused(PAYING, replace(pledging(PAYING), currency="USD"), BOTH, INVOICE_PAYMENT_UNDER_WAY, "/body/invoice"),
    Refused(ACCEPTED, WRONG, BOTH, INVOICE_CURRENCY_DIFFERS, "/body/currency"),
    Refused(ACCEPTED, replace(CREATE, minor_digits=3), BOTH, INVOICE_CURRENCY_DIFFERS, "/body/currency"),
    Refused(ACCEPTED, replace(WRONG, currency="EUR"), BOTH, why.NOT_ALL_OUTSTANDING, "/body/amount_minor"),
    Refused(ACCEPTED, replace(CREATE, amount_minor=100_001), BOTH, why.NOT_ALL_OUTSTANDING, "/body/amount_minor"),
    Refused(ACCEPTED, replace(CREATE, tags=WRONG_TAGS), BOTH, TAGS_NOT_SORTED, "/body/tags"),
    Refused(ACCEPTED, replace(CREATE, tags=(Tag(epoch=3, value=bytes(32)),)), BOTH, TAG_EPOCH_UNKNOWN, "/body/tags"),
    Refused(ACCEPTED, replace(CREATE, tags=CREATE.tags[:1]), BOTH, TAG_EPOCH_MISSING, "/body/tags"),
    Refused(UNTAGGED, pledging(UNTAGGED), BOTH, why.TAGS_DIFFER, "/body/tags"),
    Refused(
        ACCEPTED,
        replace(CREATE, tags=(CREATE.tags[0], OTHER)),
        BOTH,
        why.TAGS_DIFFER,
        "/body/tags",
        None,
        TAG_IS_PLEDGED,
    ),
    Refused(ACCEPTED, CREATE, BOTH, why.TAG_PLEDGED, "/body/tags/1", None, TAG_IS_PLEDGED),
]

RELEASE = ReleasePledge(pledge=RELEASED.id["pledge"])

RELEASING = [
    Refused(RELEASED, ReleasePledge(pledge=RELEASED.id["invoice"]), ("chamber",), why.PLEDGE_UNKNOWN, "/body/pledge"),
    Refused(RELEASED, RELEASE, ("bank-be",), why.NOT_PLEDGEE, "/signers"),
    Refused(RELEASED, RELEASE, ("seller", "buyer"), why.NOT_PLEDGEE, "/signers"),
    Refused(LEFT, ReleasePledge(pledge=LEFT.id["pledge"]), ("seller",), why.NOT_PLEDGEE, "/signers"),
    Refused(LEFT, ReleasePledge(pledge=LEFT.id["pledge"]), ("seller", "agent"), why.NOT_PLEDGEE, "/signers"),
    Refused(RELEASED, RELEASE, ("bank-cn", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(
        LEFT, ReleasePledge(pledge=LEFT.id["pledge"]), ("seller", "buyer", "agent"), SUPERFLUOUS_SIGNER, "/signers"
    ),
    Refused(RELEASED, RELEASE, ("bank-cn",), why.PLEDGE_ENDED, "/body/pledge"),
]

ASSIGN = AssignPledge(bank="bank-be", pledge=RELEASED.id["pledge"])
BANKS = ("bank-cn", "bank-be")


def assigning(corridor: Corridor, bank: str = "bank-be") -> AssignPledge:
    """The assignment of the pledge to another bank."""
    return AssignPledge(bank=bank, pledge=corridor.id["pledge"])


ASSIGNING = [
    Refused(
        RELEASED, replace(ASSIGN, bank="nobody", pledge=bytes(32)), ("chamber",), why.PLEDGE_UNKNOWN, "/body/pledge"
    ),
    Refused(RELEASED, replace(ASSIGN, bank="nobody"), ("chamber",), MEMBER_UNKNOWN, "/body/bank"),
    Refused(SUSPENDED_BE, assigning(SUSPENDED_BE), ("chamber",), MEMBER_SUSPENDED, "/body/bank"),
    Refused(KEYLESS_BE, assigning(KEYLESS_BE), ("chamber",), MEMBER_WITHOUT_KEY, "/body/bank", KEYS_END),
    Refused(NO_BANK_BE, assigning(NO_BANK_BE), ("chamber",), MEMBER_LACKS_ROLE, "/body/bank"),
    Refused(RELEASED, replace(ASSIGN, bank="bank-cn"), ("chamber",), why.SAME_PLEDGEE, "/body/bank"),
    Refused(RELEASED, ASSIGN, ("bank-be",), why.NOT_PLEDGEE, "/signers"),
    Refused(RELEASED, ASSIGN, ("bank-cn", "market"), why.NOT_NEW_PLEDGEE, "/signers"),
    Refused(NO_BANK_CN, assigning(NO_BANK_CN), (*BANKS, "seller"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(RELEASED, ASSIGN, (*BANKS, "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(RELEASED, ASSIGN, BANKS, why.PLEDGE_ENDED, "/body/pledge"),
    Refused(UNDER_WAY, assigning(UNDER_WAY), BANKS, INVOICE_PAYMENT_UNDER_WAY, "/body/pledge"),
]

REFUSALS = CREATION + RELEASING + ASSIGNING


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_a_pledge_is_of_all_that_is_outstanding() -> None:
    """L-1 makes a pledge, marks its invoice, and claims both the invoice and its tags; nothing else changes."""
    corridor = accepted()
    before = invoice_of(corridor)
    name = pledge(corridor)
    value, after_it = pledge_of(corridor), invoice_of(corridor)
    assert value == Pledge(
        id=name,
        seed=value.seed,
        amounts=PledgeAmounts(amount_minor=100_000, currency="EUR", minor_digits=2, paid_out_minor=0, settled_minor=0),
        history=NO_HISTORY.after(corridor.signed["pledge"].id),
        links=PledgeLinks(bank="bank-cn", invoice=before.id, seller=before.links.seller),
        status=PledgeStatus(state=PledgeState.LIVE),
    )
    assert after_it == replace(before, history=after_it.history, pledge=replace(before.pledge, pledged_by=name))
    claims = [pledge_claim(each) for each in (before.id, *before.links.tags)]
    assert [corridor.ledger.claim(claim) for claim in claims] == [name] * 3


def test_what_was_paid_before_is_not_pledged() -> None:
    """L-1 after a confirmed part: the rest is outstanding, and that is pledged."""
    corridor = accepted()
    corridor.instruct_payment(30_000)
    corridor.confirm_payment()
    error = corridor.refusal(pledging(corridor), *BOTH)
    assert error is not None
    assert (error.reason, error.wanted) == (why.NOT_ALL_OUTSTANDING, "700.00 EUR")
    pledge(corridor, 70_000)


def test_a_release_lets_another_bank_have_it() -> None:
    """L-2 frees the invoice and its tags: the next pledge is another one."""
    corridor = released()
    assert pledge_of(corridor).status.state is PledgeState.RELEASED
    assert invoice_of(corridor).pledge.pledged_by is None
    claims = [pledge_claim(each) for each in (corridor.id["invoice"], *invoice_of(corridor).links.tags)]
    assert [corridor.ledger.claim(claim) for claim in claims] == [None] * 3
    body = replace(pledging(corridor), bank="bank-be")
    assert corridor.submit(body, "seller", "bank-be", name="next") != corridor.id["pledge"]
    assert invoice_of(corridor).pledge.pledged_by == corridor.id["next"]


def test_a_bank_without_its_role_still_releases() -> None:
    """L-2: what names a bank already can be ended by it; a suspended one waits until it is reinstated."""
    corridor = after(pledged(), (lose_role, "bank-cn"))
    release(corridor)
    assert pledge_of(corridor).status.state is PledgeState.RELEASED


def test_a_bank_that_has_left_holds_nothing_up() -> None:
    """L-2: seller and buyer together give free what is pledged to a bank that is no member any more."""
    corridor = after(pledged(), (leave, "bank-cn"))
    corridor.submit(ReleasePledge(pledge=corridor.id["pledge"]), "seller", "buyer")
    assert pledge_of(corridor).status.state is PledgeState.RELEASED


def test_an_assigned_pledge_is_another_banks() -> None:
    """L-3 changes the bank and nothing else; the invoice has the record in its history, and stays pledged."""
    corridor = pledged()
    before, invoice = pledge_of(corridor), invoice_of(corridor)
    assign(corridor)
    value, named = pledge_of(corridor), invoice_of(corridor)
    assert value == replace(before, history=value.history, links=replace(before.links, bank="bank-be"))
    assert named == replace(invoice, history=named.history)
    assert named.history.count == invoice.history.count + 1
    error = corridor.refusal(ReleasePledge(pledge=value.id), "bank-cn")
    assert error is not None
    assert error.reason is why.NOT_PLEDGEE
    corridor.submit(assigning(corridor, "bank-cn"), *BANKS)  # and may come back
    assert pledge_of(corridor).links == before.links
    assign(corridor)
    release(corridor, bank="bank-be")


def test_while_it_is_pledged_nothing_is_taken_off_an_invoice() -> None:
    """I-4, I-5 and I-6 wait for the bank: no cancellation, no credit note, no other tags."""
    corridor = pledged()
    make = corridor.make
    for body in (make.cancellation(), make.credit(), make.retagging()):
        error = corridor.refusal(body, "seller")
        assert error is not None
        assert (error.reason, error.seen) == (INVOICE_PLEDGED, corridor.id["pledge"].hex())
    release(corridor)
    corridor.submit(make.credit(), "seller")


def test_tags_of_every_epoch_in_use_are_made() -> None:
    """L-1: an invoice that was tagged before an epoch began is tagged anew first."""
    corridor = accepted()
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(2, 3))))
    error = corridor.refusal(replace(pledging(corridor), tags=CREATE.tags[1:]), *BOTH)
    assert error is not None
    assert error.reason is TAG_EPOCH_MISSING
    newer = Tag(epoch=3, value=seed_of("newer"))
    tags = (CREATE.tags[1], newer)
    corridor.submit(replace(corridor.make.retagging(), tags=tags), "seller")
    corridor.submit(replace(pledging(corridor), tags=tags), *BOTH, name="pledge")
