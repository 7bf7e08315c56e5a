"""Members, cosigners and parameters: who may do what at an epoch, and the change that they may be voting on.

The members change by their own records alone (rules M-3 to M-5); each change that takes effect begins an epoch.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, TypeVar

from msgspec import Meta, Struct
from msgspec.structs import replace

from hanse_ledger import limits
from hanse_ledger.errors import Malformed
from hanse_ledger.keys import ed25519_key, well_formed
from hanse_ledger.types import MemberId, Moment, Name, PublicKey, RecordId

FIRST_TAG_EPOCH = 1
"""Tags begin with this epoch of their key."""

LEAST_MEMBERS = 3
"""No removal leaves fewer members, or takes the cosigners below as many."""

RawEd25519 = Annotated[bytes, Meta(min_length=32, max_length=32)]
RawMlDsa44 = Annotated[bytes, Meta(min_length=1312, max_length=1312)]
Epoch = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class MemberRole(StrEnum):
    """What a member does in the corridor (design, section 2)."""

    AUDITOR = "auditor"
    BANK = "bank"
    CARRIER = "carrier"
    CUSTOMS = "customs"
    MARKETPLACE = "marketplace"
    ORIGIN_ISSUER = "origin-issuer"


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class MemberKey(_Part, frozen=True, kw_only=True):
    """A key with which a member signs records, and the block times at which it counts (end excluded)."""

    key: PublicKey
    valid_from: Moment
    valid_until: Moment


class Member(_Part, frozen=True, kw_only=True):
    """An organisation that votes. One that is suspended signs nothing until the others reinstate it."""

    id: MemberId
    keys: Annotated[tuple[MemberKey, ...], Meta(min_length=1, max_length=limits.MEMBER_KEYS)]
    name: Name
    roles: Annotated[tuple[MemberRole, ...], Meta(min_length=1, max_length=limits.ROLES)]
    suspended: bool = False


class Cosigner(_Part, frozen=True, kw_only=True):
    """A node whose signature counts towards the quorum: its raw public keys.

    `ml_dsa_key` may be nil in version 1. `validator_key` is that with which its engine signs blocks (CometBFT's
    Ed25519); nil where the engine is the embedded one.
    """

    cosigning_key: RawEd25519
    id: MemberId
    log_key: RawEd25519
    ml_dsa_key: RawMlDsa44 | None
    validator_key: RawEd25519 | None = None

    @property
    def ready_key(self) -> PublicKey:
        """The key that signs the node's own `member.ready`: its cosigning key, as a key of the wire."""
        return ed25519_key(self.cosigning_key)


class Parameters(_Part, frozen=True, kw_only=True):
    """What the members may change by vote. `tag_epochs` are the epochs of tag keys in use."""

    quorum: Annotated[int, Meta(ge=1, le=limits.COSIGNERS)]
    tag_epochs: Annotated[tuple[Epoch, ...], Meta(max_length=limits.TAGS)]


class Change(_Part, frozen=True, kw_only=True):
    """What is to be different: one whole, however many it concerns.

    `members` and `cosigners` are admitted, or put in the place of those of the same name; who is `removed` leaves with
    its cosigner. Without `parameters` they stay, but for the quorum: more than two thirds of the cosigners.
    """

    cosigners: Annotated[tuple[Cosigner, ...], Meta(max_length=limits.COSIGNERS)]
    members: Annotated[tuple[Member, ...], Meta(max_length=limits.MEMBERS)]
    parameters: Parameters | None
    removed: Annotated[tuple[MemberId, ...], Meta(max_length=limits.MEMBERS)]


_Names = Annotated[tuple[MemberId, ...], Meta(max_length=limits.MEMBERS)]


class Proposal(_Part, frozen=True, kw_only=True):
    """The open change. It is void at the block time `closes`; once `accepted`, it waits for the nodes it brings.

    `approvals`, `refusals` and `ready` are members, in the order of their names; `id` is the proposing record's.
    """

    accepted: bool
    approvals: _Names
    change: Change
    closes: Moment
    id: RecordId
    proposer: MemberId
    ready: _Names
    refusals: _Names


class Membership(_Part, frozen=True, kw_only=True):
    """Who may do what at an epoch. `proposal` is the open change."""

    cosigners: Annotated[tuple[Cosigner, ...], Meta(min_length=1, max_length=limits.COSIGNERS)]
    epoch: Epoch
    members: Annotated[tuple[Member, ...], Meta(min_length=1, max_length=limits.MEMBERS)]
    parameters: Parameters
    proposal: Proposal | None

    def member(self, name: MemberId) -> Member | None:
        """Find a member by its name."""
        return next((member for member in self.members if member.id == name), None)

    def cosigner(self, name: MemberId) -> Cosigner | None:
        """Find a cosigner by its member's name."""
        return next((cosigner for cosigner in self.cosigners if cosigner.id == name), None)

    def holder(self, key: PublicKey) -> tuple[Member, MemberKey] | None:
        """Find the member to which a key belongs, whether the key counts now or not."""
        return next(
            ((member, held) for member in self.members for held in member.keys if held.key == key),
            None,
        )

    def claims(self, key: PublicKey) -> bool:
        """Tell whether a key is a member's, or would be one's under the open change."""
        proposed = () if self.proposal is None else self.proposal.change.members
        return self.holder(key) is not None or any(held.key == key for member in proposed for held in member.keys)


class ProposeChange(_Part, frozen=True, kw_only=True):
    """Propose a change of the members to the members, and vote for it. Signed by the proposing member. Rule M-3.

    `epoch` is the one that the change would end; at the block time `closes` the proposal is void.
    """

    change: Change
    closes: Moment
    epoch: Epoch
    member: MemberId


class VoteOnChange(_Part, frozen=True, kw_only=True):
    """Vote on the open proposal, once. Signed by the voting member. Rule M-4."""

    approve: bool
    member: MemberId
    proposal: RecordId


class ReportReady(_Part, frozen=True, kw_only=True):
    """A node that an accepted change brings has caught up and is at its post. Signed by its cosigning key. M-5."""

    member: MemberId
    proposal: RecordId


class ReportEvidence(_Part, frozen=True, kw_only=True):
    """Record evidence against members. Signed by the reporting member. Rule X-1.

    `evidence` is a file that proves by itself whom it speaks against (see `accusing`); `accused` is whom.
    """

    accused: Annotated[tuple[MemberId, ...], Meta(min_length=1, max_length=limits.MEMBERS)]
    evidence: Annotated[bytes, Meta(min_length=1, max_length=limits.EVIDENCE_BYTES)]
    member: MemberId


def quorum_of(cosigners: int) -> int:
    """Give the least number that is more than two thirds of the cosigners."""
    return cosigners * 2 // 3 + 1


def electorate(membership: Membership, change: Change) -> tuple[MemberId, ...]:
    """List who votes on a change: every member that is not suspended, but for those whom it removes or suspends."""
    about = {*change.removed, *(member.id for member in change.members if member.suspended)}
    return tuple(member.id for member in membership.members if not member.suspended and member.id not in about)


def awaited(membership: Membership, change: Change) -> tuple[MemberId, ...]:
    """List the members whose nodes a change brings, or gives new keys: each says itself that it is ready."""
    return tuple(new.id for new in change.cosigners if membership.cosigner(new.id) != new)


def changed(membership: Membership, change: Change) -> Membership:
    """Give the membership under which a change leaves no proposal open, at the next epoch.

    Raises:
        Malformed: what would come out cannot be: see `check_membership`, and rule M-3.
    """
    members = _put(membership.members, change.members, change.removed)
    cosigners = _put(membership.cosigners, change.cosigners, change.removed)
    parameters = change.parameters
    if parameters is None:
        same = len(cosigners) == len(membership.cosigners)
        quorum = membership.parameters.quorum if same else quorum_of(len(cosigners))
        parameters = replace(membership.parameters, quorum=quorum)
    if not members or not cosigners:
        raise Malformed("nobody would be left", pointer="/removed")
    made = Membership(
        cosigners=cosigners, epoch=membership.epoch + 1, members=members, parameters=parameters, proposal=None
    )
    check_membership(made)
    if len(members) > limits.MEMBERS or len(cosigners) > limits.COSIGNERS:
        raise Malformed(f"there are at most {limits.MEMBERS} members", pointer="/members")
    if 3 * parameters.quorum <= 2 * len(cosigners):
        raise Malformed(
            f"a quorum of {parameters.quorum} is not more than two thirds of {len(cosigners)} cosigners",
            pointer="/parameters/quorum",
        )
    strangers = [new.id for new in change.cosigners if made.member(new.id) is None]
    if strangers:
        raise Malformed(f"the cosigner {strangers[0]} is no member", pointer="/cosigners")
    without = [new.id for new in cosigners if new.validator_key is None]
    if len(cosigners) > 1 and without:
        raise Malformed(f"the cosigner {without[0]} has no validator key", pointer="/cosigners")
    return made


_Named = TypeVar("_Named", Member, Cosigner)


def _put(present: Sequence[_Named], new: Sequence[_Named], removed: Iterable[MemberId]) -> tuple[_Named, ...]:
    """Replace what has the same name, add the rest, leave out the removed; in the order of names."""
    names: dict[MemberId, _Named] = {each.id: each for each in present}
    names |= {each.id: each for each in new}
    for name in removed:
        names.pop(name, None)
    return tuple(names[name] for name in sorted(names))


def check_membership(membership: Membership) -> None:
    """Check what single fields cannot say.

    Raises:
        Malformed: names or keys are repeated or out of order, or the quorum exceeds the cosigners.
    """
    names = [member.id for member in membership.members]
    cosigners = [cosigner.id for cosigner in membership.cosigners]
    keys = [held.key for member in membership.members for held in member.keys]
    raw = [key for cosigner in membership.cosigners for key in (cosigner.log_key, cosigner.cosigning_key)]
    validators = [each.validator_key for each in membership.cosigners if each.validator_key is not None]
    epochs = list(membership.parameters.tag_epochs)
    checks = (
        (names == sorted(set(names)), "members must be named once each, in order", "/members"),
        (cosigners == sorted(set(cosigners)), "cosigners must be named once each, in order", "/cosigners"),
        (
            len(set(keys)) == len(keys) and all(well_formed(key) for key in keys),
            "members' keys must be well formed and differ",
            "/members",
        ),
        (len(set(raw)) == len(raw), "cosigners' keys must all differ", "/cosigners"),
        (len(set(validators)) == len(validators), "validators' keys must all differ", "/cosigners"),
        (
            all(list(member.roles) == sorted(set(member.roles)) for member in membership.members),
            "a member's roles must be named once each, in order",
            "/members",
        ),
        (
            all(held.valid_from < held.valid_until for member in membership.members for held in member.keys),
            "a key's validity ends before it begins",
            "/members",
        ),
        (
            epochs == sorted(set(epochs)),
            "epochs of tag keys must be listed once each, in order",
            "/parameters/tag_epochs",
        ),
        (
            membership.parameters.quorum <= len(membership.cosigners),
            "the quorum exceeds the cosigners",
            "/parameters/quorum",
        ),
    )
    for holds, detail, pointer in checks:
        if not holds:
            raise Malformed(f"membership: {detail}", pointer=f"/membership{pointer}")
