"""The rows of pledges."""

from collections.abc import Iterator

from hanse_ledger.kinds.amount import Amount, named_amount, no_amount
from hanse_ledger.kinds.claims import pledge_claim, tag_claim, uetr_claim
from hanse_ledger.kinds.kind import (
    Kind,
    Listed,
    ObjectType,
    no_claims,
    no_key,
    no_object,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.pledge import samples
from hanse_ledger.kinds.pledge.bodies import AssignPledge, CreatePledge, PayOutPledge, ReleasePledge
from hanse_ledger.kinds.pledge.refusals import PLEDGE_UNKNOWN
from hanse_ledger.kinds.pledge.rules import assign_pledge, create_pledge, pay_out_pledge, release_pledge
from hanse_ledger.kinds.pledge.state import Pledge, PledgeAmounts, PledgeState
from hanse_ledger.kinds.pledge.status import judged
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import Digest, ObjectId


def _worth(pledge: Pledge) -> Amount:
    return Amount(pledge.amounts.amount_minor, pledge.amounts.currency, pledge.amounts.minor_digits)


PLEDGE = ObjectType(
    name="pledge",
    state=Pledge,
    unknown=PLEDGE_UNKNOWN,
    beside=frozenset({"amounts", "history", "status"}),
    sums={PledgeAmounts: ("settled_minor",)},
    judged=judged,
    behind=lambda pledge: frozenset({pledge.links.invoice}),
    acts=False,
    found_by=(),
    listed=Listed(
        state=lambda pledge: pledge.status.state,
        open=frozenset({PledgeState.LIVE}),
        ended=frozenset({PledgeState.RELEASED}),
        whose=lambda pledge: (pledge.links.seller, pledge.links.bank),
        waits={},
        worth=_worth,
        worth_of=of_no_others,
    ),
)


def _pledged(body: CreatePledge) -> tuple[ObjectId | None, ...]:
    return (body.consignment, body.invoice)


def _claims(body: CreatePledge) -> Iterator[Digest]:
    yield pledge_claim(body.invoice)
    yield from (pledge_claim(tag_claim(tag.epoch, tag.value)) for tag in body.tags)


def _paid_out(body: PayOutPledge) -> tuple[Digest, ...]:
    return (uetr_claim(body.bank, body.uetr),)


OfPledge = ReleasePledge | AssignPledge | PayOutPledge


def _own(body: OfPledge) -> ObjectId:
    return body.pledge


def _named(body: OfPledge) -> tuple[ObjectId, ...]:
    return (body.pledge,)


CREATE = Kind(
    name="pledge.create",
    number="L-1",
    body=CreatePledge,
    rule=create_pledge,
    object=PLEDGE,
    creates=True,
    about=no_object,
    references=_pledged,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_claims,
    commits=None,
    frees=True,
    powers=(Power.SETTLE,),
    amount=named_amount,
    sample=samples.create,
)

RELEASE = Kind(
    name="pledge.release",
    number="L-2",
    body=ReleasePledge,
    rule=release_pledge,
    object=PLEDGE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=True,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.release,
)

ASSIGN = Kind(
    name="pledge.assign",
    number="L-3",
    body=AssignPledge,
    rule=assign_pledge,
    object=PLEDGE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.assign,
)

PAY_OUT = Kind(
    name="pledge.payout",
    number="L-4",
    body=PayOutPledge,
    rule=pay_out_pledge,
    object=PLEDGE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_paid_out,
    commits=None,
    frees=False,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.pay_out,
)

KINDS = (CREATE, RELEASE, ASSIGN, PAY_OUT)
