"""Members and how they change themselves: propose, vote, follow."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec.structs import replace

from hanse_client.base.clock import DAY_MS, now_ms
from hanse_client.base.errors import BadAnswer, InvalidInput, NotFound
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.views import Receipt
from hanse_client.exchange.listing import office_of
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import after
from hanse_client.resources.tagepochs import sealed_key
from hanse_documents.semantics.epochkeys import EpochKey, box_key
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.member.bodies import ProposeChange, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.member.proposals import Proposal
from hanse_ledger.misbehaviour.accusing import accusation
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.proofs.voting import FILE_BYTES, read_proposals, verify_proposals
from hanse_ledger.values.errors import Malformed, ProofInvalid, Unknown, Untrusted
from hanse_ledger.values.types import EncryptionKey, MemberId, Moment, PublicKey
from hanse_ledger.wire.membership import (
    LEAST_KEYS,
    Change,
    Cosigner,
    Member,
    MemberKey,
    MemberRole,
    Membership,
    Parameters,
    parameters_after,
)

OPEN_MS = 7 * DAY_MS
"""How long a proposal stays open unless told otherwise."""


class AsyncMembers:
    """The members, and the changes that they are voting on. Reached as `client.members`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def present(self) -> TrustFile:
        """Give the members as the node shows them now: each change since the trust file is verified, and kept."""
        return await self._session.follow_members()

    async def proposals(self) -> tuple[Proposal, ...]:
        """Give what the members are voting on: each proposal as its proposer has signed it, with the votes so far.

        Raises:
            BadAnswer: what the node shows does not hold.
            SecurityAlarm: its head contradicts what is remembered.
        """
        before = await self._session.heads()
        data = await self._session.transport.get("/v1/proposals", most=FILE_BYTES)
        try:
            file = read_proposals(data)
            await self._session.accept_head(file.checkpoint.encode(), before)
            try:
                return verify_proposals(file, await self._session.trust()).proposals
            except Untrusted:
                return verify_proposals(file, await self._session.follow_members()).proposals
        except (Malformed, ProofInvalid, Untrusted) as error:
            raise BadAnswer(f"The open proposals that the node shows do not hold: {error}.") from error

    async def propose(self, change: Change, *, closes_ms: Moment | None = None) -> Receipt:
        """Propose a change of the members, and so vote for it; the client's identity is a member's. Rule M-3.

        Args:
            change: what shall be different; see `admit`, `remove` and the other functions of this module.
            closes_ms: when it is void; by default in a week.

        Returns:
            The receipt; `object_id` names the proposal.

        Raises as `submit` does; IdentityError where the client's key is no member's.
        """
        trust = await self._session.follow_members()
        member = await self._session.own_member()
        body = ProposeChange(
            change=change,
            closes=now_ms() + OPEN_MS if closes_ms is None else closes_ms,
            epoch=trust.membership.epoch,
            member=member,
        )
        return await self._submit(body, _asked(body, closes_ms))

    async def vote(self, proposal: Id, *, approve: bool) -> Receipt:
        """Vote on an open proposal, once. Rule M-4. Raises as `propose` does."""
        member = await self._session.own_member()
        return await self._submit(VoteOnChange(approve=approve, member=member, proposal=parse_id(proposal, "proposal")))

    async def withdraw(self, proposal: Id) -> Receipt:
        """Take one's own proposal back, until it has taken effect. Rule M-6. Raises as `propose` does."""
        member = await self._session.own_member()
        return await self._submit(WithdrawChange(member=member, proposal=parse_id(proposal, "proposal")))

    async def report(self, evidence: bytes) -> Receipt:
        """Record evidence against members, which must prove what it says. Rule X-1.

        Raises as `submit` does; InvalidInput where it proves nothing, or is too large for a record.
        """
        trust = await self._session.follow_members()
        try:
            accused = accusation(evidence, trust).members
        except (Malformed, ProofInvalid, Untrusted, Unknown) as error:
            raise InvalidInput(
                f"The evidence proves nothing: {error}.", "Report what `hanse verify` accepts."
            ) from error
        member = await self._session.own_member()
        return await submit_body(self._session, ReportEvidence(accused=accused, evidence=evidence, member=member))

    async def tag_recipients(self) -> dict[MemberId, EncryptionKey]:
        """Say to which key the members' key of an epoch of tags is sealed for each member; see `begin_tags`.

        For a member with a node that is the node's own key, from the cosigning key that the members state; for another
        one that of its office. A member that has neither is left out: it gets the key by hand.

        Raises:
            BadAnswer: what the node shows does not hold.
        """
        membership = (await self._session.follow_members()).membership
        recipients: dict[MemberId, EncryptionKey] = {}
        for member in membership.members:
            cosigner = membership.cosigner(member.id)
            if cosigner is not None:
                recipients[member.id] = box_key(cosigner.cosigning_key)
                continue
            with suppress(NotFound):
                recipients[member.id] = (await office_of(self._session, member.id)).settings.encryption_key
        return recipients

    async def open_tag_key(self, epoch: int, proposal: Id | None = None) -> EpochKey:
        """Open the members' key of an epoch of tags that is sealed to the office of the client's member.

        Args:
            epoch: the epoch.
            proposal: that proposes it; by default the epoch is in use.

        Raises:
            InvalidInput: there is no such key, or it is not sealed to the client's identity, or not the one to which
                the members commit.
            IdentityError: the client's key is no member's.
        """
        member = await self._session.own_member()
        stated, box = sealed_key(await self._parameters(proposal), epoch, member)
        try:
            return self._session.need_identity().open_tag_key(stated, box)
        except ProofInvalid as error:
            raise InvalidInput(
                f"The key cannot be used: {error}.",
                "A member with a node opens it there; else have it sealed anew: hanse tag share.",
            ) from error

    async def _parameters(self, proposal: Id | None) -> Parameters:
        """Give what is in use, or what a proposal would put in its place. Raises InvalidInput."""
        if proposal is None:
            return (await self._session.follow_members()).membership.parameters
        wanted = parse_id(proposal, "proposal")
        found = next((each for each in await self.proposals() if each.id == wanted), None)
        if found is None or found.change.parameters is None:
            raise InvalidInput("No open proposal of this id says anything of tags.", "Look: hanse member show")
        return found.change.parameters

    async def _submit(
        self, body: ProposeChange | VoteOnChange | WithdrawChange, asked: ProposeChange | None = None
    ) -> Receipt:
        receipt = await submit_body(self._session, body, asked=asked)
        return await after(self._session, receipt, "members-unknown", self._session.follow_members())


def _asked(body: ProposeChange, closes_ms: Moment | None) -> ProposeChange:
    """Give a proposal without the moments that were taken from the clock: when it closes, and when keys begin."""
    members = tuple(
        replace(member, keys=tuple(replace(held, valid_from=0, valid_until=0) for held in member.keys))
        for member in body.change.members
    )
    return replace(body, change=replace(body.change, members=members), closes=closes_ms or 0)


def no_change() -> Change:
    """Give a change that changes nothing, to be added to."""
    return Change(cosigners=(), members=(), parameters=None, removed=())


def admit(change: Change, member: Member, cosigner: Cosigner | None) -> Change:
    """Admit a member and its node, or put them in the place of those of the same name."""
    change = _put(change, member)
    if cosigner is None:
        return change
    others = tuple(each for each in change.cosigners if each.id != cosigner.id)
    return replace(change, cosigners=tuple(sorted((*others, cosigner), key=lambda each: each.id)))


def remove(change: Change, name: MemberId) -> Change:
    """Remove a member with its node."""
    return replace(change, removed=tuple(sorted({*change.removed, name})))


def suspend(change: Change, members: Membership, name: MemberId, *, suspended: bool = True) -> Change:
    """Suspend a member, or reinstate it. Raises InvalidInput: there is none of that name."""
    return _put(change, replace(_found(change, members, name), suspended=suspended))


def set_roles(change: Change, members: Membership, name: MemberId, roles: Sequence[MemberRole]) -> Change:
    """Give a member other roles. Raises InvalidInput."""
    return _put(change, replace(_found(change, members, name), roles=tuple(sorted(set(roles)))))


def set_keys(change: Change, members: Membership, name: MemberId, keys: Sequence[PublicKey], until: Moment) -> Change:
    """Give a member signing keys in the place of all it has: at least two. One that it has stays as it is.

    Args:
        change: what else shall be different.
        members: the members in force.
        name: the member.
        keys: its keys from then on.
        until: when the new ones of them end, in milliseconds; they count from now on.

    Raises:
        InvalidInput: there is no such member, or they are fewer than two.
    """
    member = _found(change, members, name)
    if len(set(keys)) < LEAST_KEYS:
        raise InvalidInput(
            f"{name} would have {len(set(keys))} key; every member has two.", "Name both: one in use, one kept offline."
        )
    present = {held.key: held for held in member.keys}
    given = tuple(present.get(key) or MemberKey(key=key, valid_from=now_ms(), valid_until=until) for key in keys)
    return _put(change, replace(member, keys=given))


def set_parameters(
    change: Change, members: Membership, *, quorum: int | None = None, tag_epochs: Sequence[int] | None = None
) -> Change:
    """Set how many cosigners are a quorum, and which epochs of tag keys are in use; what is None stays as it is.

    Where `change` brings cosigners or removes some, and no quorum is given, it is that of as many.
    """
    present = parameters_after(members, change)
    return replace(
        change,
        parameters=Parameters(
            quorum=present.quorum if quorum is None else quorum,
            tag_epochs=present.tag_epochs if tag_epochs is None else tuple(tag_epochs),
            tag_keys=tuple(key for key in present.tag_keys if tag_epochs is None or key.epoch in tag_epochs),
        ),
    )


def _found(change: Change, members: Membership, name: MemberId) -> Member:
    changed = next((member for member in change.members if member.id == name), None)
    member = changed or members.member(name)
    if member is None:
        raise InvalidInput(f"There is no member {name}.", "Look at the members: hanse member show")
    return member


def _put(change: Change, member: Member) -> Change:
    others = tuple(each for each in change.members if each.id != member.id)
    return replace(change, members=tuple(sorted((*others, member), key=lambda each: each.id)))
