"""Several steps in one record, all or none."""

from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.refusals import STEP_UNKNOWN
from hanse_ledger.kinds.bundle.steps import row_of, steps_named, steps_taken
from hanse_ledger.kinds.common import Context, Signers, require, require_only
from hanse_ledger.kinds.member.proposals import OpenProposals
from hanse_ledger.kinds.object import Object, step_seed
from hanse_ledger.kinds.ofanykind import judge_body
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.types import Digest, MemberId, ObjectId
from hanse_ledger.wire.membership import Membership
from hanse_ledger.wire.part import Body

_SIGNERS = "/signers"
"""Where a rule says that somebody has not signed."""


class StateAfter:
    """The state after the steps so far. A StateView."""

    def __init__(self, before: StateView) -> None:
        self._before = before
        self.objects: dict[ObjectId, Object] = {}
        self.claims: dict[Digest, bytes | None] = {}

    @property
    def membership(self) -> Membership:
        """The members in force: no step changes them."""
        return self._before.membership

    @property
    def proposals(self) -> OpenProposals:
        """The open changes of the members: no step changes them."""
        return self._before.proposals

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object, changes of the steps so far included."""
        return self.objects.get(object_id) or self._before.object(object_id)

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim, changes of the steps so far included."""
        return self.claims[key] if key in self.claims else self._before.claim(key)

    def take(self, delta: Delta) -> None:
        """Take over what a step changes."""
        for value in delta.objects:
            self.objects[value.id] = value
        self.claims.update(delta.claims)


def apply_bundle(state: StateView, body: TakeSteps, signers: Signers, context: Context) -> Delta:
    """G-6. The steps apply in their order, all or none; each signer is asked for by some step."""
    for place, step in enumerate(body.steps):
        for named in steps_named(step.body):
            creates = named < place and row_of(body.steps[named].body).creates
            require(creates, STEP_UNKNOWN, f"/body/steps/{place}/body", seen=named, wanted=f"a step before {place}")
    after = StateAfter(state)
    asked, pairs = set[MemberId | ObjectId](), set[MemberId | ObjectId]()
    for place, taken in enumerate(steps_taken(body, context.record)):
        own = Context(
            creates=taken.creates,
            document=taken.document,
            record=context.record,
            nonce=context.nonce,
            seed=step_seed(context.nonce, place),
            at=context.at,
            paired=context.paired,
            coverable=context.coverable,
            supposing=context.supposing,
        )
        if context.supposing is not None:
            supposed = context.supposing.suppose(after, taken.body)
            if supposed is not None:
                after.objects[supposed.id] = supposed
        kind = row_of(taken.body).name
        able = able_in(signers, kind)
        try:
            delta = _judge(after, taken.body, able, own)
        except Rejected as error:
            raise _unable(after, taken.body, signers, own) or _in_step(place, error) from error
        needed = _needed(after, taken.body, able, own)
        asked |= needed
        pairs |= {name for name in needed if (kind, name) in signers.pairs}
        after.take(delta)
    require_only(signers, len(asked) + len(pairs))

    # From here the bundle must succeed.
    return Delta(objects=tuple(after.objects.values()), claims=after.claims)


def able_in(signers: Signers, kind: str) -> Signers:
    """Give those who may sign a step of a kind: a step asks for no number of signers, the bundle does."""
    unable = {each.member for each in signers.unable if each.kind == kind}
    return Signers(
        members=signers.members - unable,
        parties=signers.parties,
        new_keys=frozenset(),
        count=None,
        acting_members=frozenset(),
        acting_parties=frozenset(),
        mandates=(),
    )


def _judge(state: StateView, body: Body, signers: Signers, context: Context) -> Delta:
    return judge_body(state, row_of(body), body, signers, context)


def _refusal(state: StateView, body: Body, signers: Signers, context: Context) -> Rejected | None:
    """Say why a step is refused where so many sign it; nil where it is not."""
    try:
        _judge(state, body, signers, context)
    except Rejected as error:
        return error
    return None


def _lacks(state: StateView, body: Body, signers: Signers, context: Context) -> bool:
    """Tell whether a step is refused because somebody has not signed it."""
    refusal = _refusal(state, body, signers, context)
    return refusal is not None and refusal.pointer == _SIGNERS


def _needed(state: StateView, body: Body, signers: Signers, context: Context) -> set[MemberId | ObjectId]:
    """Name those without whose signatures a step that is accepted would be refused."""
    names: list[MemberId | ObjectId] = [*sorted(signers.members), *sorted(signers.parties)]
    return {name for name in names if _refusal(state, body, _without(signers, name), context) is not None}


def _without(signers: Signers, name: MemberId | ObjectId) -> Signers:
    return Signers(
        members=frozenset(member for member in signers.members if member != name),
        parties=frozenset(party for party in signers.parties if party != name),
        new_keys=signers.new_keys,
        count=None,
        acting_members=signers.acting_members,
        acting_parties=signers.acting_parties,
        mandates=signers.mandates,
    )


def _unable(state: StateView, body: Body, signers: Signers, context: Context) -> Rejected | None:
    """Where somebody signs who may not sign such a step, and it lacks just that signature, say why it may not."""
    everybody = able_in(signers, "")
    kind = row_of(body).name
    for each in signers.unable:
        missed = each.kind == kind and _lacks(state, body, _without(everybody, each.member), context)
        if missed and not _lacks(state, body, everybody, context):
            return Rejected(each.reason, pointer=each.pointer, seen=each.seen, wanted=each.wanted)
    return None


def _in_step(place: int, error: Rejected) -> Rejected:
    """Say in which step a refusal lies; who has not signed it, the step as a whole."""
    step = f"/body/steps/{place}"
    within = error.pointer if error.pointer.startswith("/body") else ""
    return Rejected(error.reason, pointer=step + within, seen=error.seen, wanted=error.wanted)


def step_refused(body: Body, pointer: str) -> str | None:
    """Name the kind of the step in which a refusal lies; nil where it is the bundle itself."""
    if not isinstance(body, TakeSteps):
        return None
    for place, step in enumerate(body.steps):
        within = f"/body/steps/{place}"
        if pointer == within or pointer.startswith(within + "/"):
            return step.kind
    return None
