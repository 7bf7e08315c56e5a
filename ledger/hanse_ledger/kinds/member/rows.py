"""The rows of the members' records. They create, change and name no object."""

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.kind import Kind, no_claims, no_key, no_object, no_references, nobody
from hanse_ledger.kinds.member import samples
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.member.rules import propose_change, report_ready, vote_on_change, withdraw_change
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.types import PublicKey


def _key_of_node(state: StateView, body: ReportReady) -> PublicKey | None:
    """Give the cosigning key of the node that says that it is ready, as the accepted change brings it."""
    proposal = state.proposals.named(body.proposal)
    brought = () if proposal is None else proposal.change.cosigners
    return next((node.ready_key for node in brought if node.id == body.member), None)


PROPOSE = Kind(
    name="member.propose",
    number="M-3",
    body=ProposeChange,
    rule=propose_change,
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
    sample=samples.propose,
)

VOTE = Kind(
    name="member.vote",
    number="M-4",
    body=VoteOnChange,
    rule=vote_on_change,
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
    sample=samples.vote,
)

READY = Kind(
    name="member.ready",
    number="M-5",
    body=ReportReady,
    rule=report_ready,
    object=None,
    creates=False,
    about=no_object,
    references=no_references,
    addresses=nobody,
    introduces=no_key,
    presents=_key_of_node,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.ready,
)

WITHDRAW = Kind(
    name="member.withdraw",
    number="M-6",
    body=WithdrawChange,
    rule=withdraw_change,
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
    sample=samples.withdraw,
)

KINDS = (PROPOSE, VOTE, READY, WITHDRAW)
