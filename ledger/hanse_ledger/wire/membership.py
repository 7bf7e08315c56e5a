"""Members, cosigners and parameters: who may do what at an epoch, and the records by which that changes.

The members change by their own records alone (rules M-3 to M-6); each change that takes effect begins an epoch. The
changes that they are voting on stand apart (see `proposals`).
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated, TypeVar

from msgspec import Meta, Struct
from msgspec.structs import replace

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.keys import ed25519_key, well_formed
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import MemberId, Moment, Name, PublicKey
from hanse_ledger.wire.tagkeys import TagKey, checks_of_rotation, checks_of_tag_keys

FIRST_TAG_EPOCH = 1
"""Tags begin with this epoch of their key."""

LEAST_MEMBERS = 3
"""No removal leaves fewer members."""

LEAST_COSIGNERS = 4
"""Where there are as many cosigners no change leaves fewer: fewer could not do without a single one."""

LEAST_KEYS = 2
"""Every member has so many keys: one may be lost, and the member can still sign for its next."""

RawEd25519 = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""An Ed25519 public key without an algorithm byte (RFC 8032)."""

RawMlDsa44 = Annotated[bytes, Meta(min_length=1312, max_length=1312)]
"""An ML-DSA-44 public key without an algorithm byte (FIPS 204)."""

Epoch = Annotated[int, Meta(ge=0, le=2**32 - 1)]
"""How many changes of the members have taken effect; of tags, which key made them."""


class MemberRole(StrEnum):
    """What a member does in the corridor."""

    AUDITOR = "auditor"
    BANK = "bank"
    CARRIER = "carrier"
    CUSTOMS = "customs"
    MARKETPLACE = "marketplace"
    ORIGIN_ISSUER = "origin-issuer"


_Check = tuple[bool, Said, str]
"""What must hold, what is wrong where it does not, and where."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class MemberKey(_Part, frozen=True, kw_only=True):
    """A key with which a member signs records.

    Attributes:
        key: its algorithm byte, and the raw key.
        valid_from: the block time from which it counts.
        valid_until: the block time from which it does not count any more.
    """

    key: PublicKey
    valid_from: Moment
    valid_until: Moment


class Member(_Part, frozen=True, kw_only=True):
    """An organisation that votes.

    Attributes:
        id: names the member in records and verdicts.
        keys: with which it signs, at least two.
        name: what the organisation is called.
        roles: what it may do, in order, each once.
        suspended: it signs nothing until the others reinstate it.
    """

    id: MemberId
    keys: Annotated[tuple[MemberKey, ...], Meta(min_length=1, max_length=limits.MEMBER_KEYS)]
    name: Name
    roles: Annotated[tuple[MemberRole, ...], Meta(min_length=1, max_length=limits.ROLES)]
    suspended: bool = False


class Cosigner(_Part, frozen=True, kw_only=True):
    """A node whose signature counts towards the quorum: its raw public keys.

    Attributes:
        cosigning_key: vouches for heads.
        id: the member whose node it is.
        log_key: signs heads as the log.
        ml_dsa_key: room for a second algorithm; nil in version 1.
        validator_key: with which its engine signs blocks (CometBFT's Ed25519); nil where the engine is the embedded
            one.
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
    """What the members may change by vote.

    Attributes:
        quorum: how many cosigners vouch for a head.
        tag_epochs: the epochs of tag keys in use, in order, each once.
        tag_keys: the keys of these epochs; none of one whose key the members hand on themselves.
    """

    quorum: Annotated[int, Meta(ge=1, le=limits.COSIGNERS)]
    tag_epochs: Annotated[tuple[Epoch, ...], Meta(max_length=limits.TAGS)]
    tag_keys: Annotated[tuple[TagKey, ...], Meta(max_length=limits.TAGS)] = ()


class Change(_Part, frozen=True, kw_only=True):
    """What is to be different: one whole, however many it concerns.

    Each list names everybody once, in the order of the ids.

    Attributes:
        cosigners: admitted, or put in the place of those of the same id.
        members: admitted, or put in the place of those of the same id.
        parameters: replace the present ones; without them these stay, but for the quorum where the number of cosigners
            changes: the least number that is more than two thirds of them.
        removed: leave, with their cosigners.
    """

    cosigners: Annotated[tuple[Cosigner, ...], Meta(max_length=limits.COSIGNERS)]
    members: Annotated[tuple[Member, ...], Meta(max_length=limits.MEMBERS)]
    parameters: Parameters | None
    removed: Annotated[tuple[MemberId, ...], Meta(max_length=limits.MEMBERS)]


class Membership(_Part, frozen=True, kw_only=True):
    """Who may do what at an epoch.

    Attributes:
        cosigners: the nodes whose signatures count, in the order of their ids.
        epoch: how many changes have taken effect.
        members: in the order of their ids.
        parameters: what else is in force.
    """

    cosigners: Annotated[tuple[Cosigner, ...], Meta(min_length=1, max_length=limits.COSIGNERS)]
    epoch: Epoch
    members: Annotated[tuple[Member, ...], Meta(min_length=1, max_length=limits.MEMBERS)]
    parameters: Parameters

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


def quorum_of(cosigners: int) -> int:
    """Give the least number that is more than two thirds of the cosigners."""
    return cosigners * 2 // 3 + 1


def ending_keys(membership: Membership, at: Moment) -> tuple[tuple[MemberId, Moment], ...]:
    """List the members whose last key ends within ninety days of a moment, or has ended, and when."""
    ends = ((member.id, max(held.valid_until for held in member.keys)) for member in membership.members)
    return tuple((name, end) for name, end in ends if end <= at + limits.KEY_WARNING_MS)


def why_gone(membership: Membership, name: MemberId, role: MemberRole | None, at: Moment) -> str:
    """Say why a member cannot do at a moment what a role allows (`docs/rules.md`); empty where it can.

    Args:
        membership: the members in force.
        name: the member.
        role: the role that is needed; nil where any will do.
        at: block time.
    """
    member = membership.member(name)
    if member is None:
        return "has left"
    if member.suspended:
        return "is suspended"
    if role is not None and role not in member.roles:
        return f"is no {role} any more"
    if not any(held.valid_from <= at < held.valid_until for held in member.keys):
        return "has no key that counts"
    return ""


def tolerated(count: int) -> int:
    """Give how many of so many members, or cosigners, may be left out at once: f, where 3f + 1 are as many."""
    return (count - 1) // 3


def awaited(membership: Membership, change: Change) -> tuple[MemberId, ...]:
    """List the members whose nodes a change brings, or gives new keys: each says itself that it is ready."""
    return tuple(new.id for new in change.cosigners if membership.cosigner(new.id) != new)


def parameters_after(membership: Membership, change: Change) -> Parameters:
    """Give what else is in force after a change: what it says, else the present, with the quorum of its cosigners."""
    if change.parameters is not None:
        return change.parameters
    count = len(_put(membership.cosigners, change.cosigners, change.removed))
    same = count == len(membership.cosigners)
    return membership.parameters if same else replace(membership.parameters, quorum=quorum_of(count))


def changed(membership: Membership, change: Change) -> Membership:
    """Give the membership to which a change leads, at the next epoch.

    Raises:
        Malformed: what would come out cannot be: see `check_membership`, and rule M-3.
    """
    _check_change(change)
    members = _put(membership.members, change.members, change.removed)
    cosigners = _put(membership.cosigners, change.cosigners, change.removed)
    parameters = parameters_after(membership, change)
    if not members or not cosigners:
        raise Malformed(said("members.nobody", "nobody would be left"), pointer="/removed")
    changed = Membership(cosigners=cosigners, epoch=membership.epoch + 1, members=members, parameters=parameters)
    check_membership(changed)
    _check_rotation(membership, changed)
    if len(members) > limits.MEMBERS or len(cosigners) > limits.COSIGNERS:
        raise Malformed(
            said("members.too-many", "there are at most {most} members", limits.MEMBERS), pointer="/members"
        )
    if 3 * parameters.quorum <= 2 * len(cosigners):
        raise Malformed(
            said(
                "members.quorum",
                "a quorum of {quorum} is not more than two thirds of {cosigners} cosigners",
                parameters.quorum,
                len(cosigners),
            ),
            pointer="/parameters/quorum",
        )
    strangers = [new.id for new in change.cosigners if changed.member(new.id) is None]
    if strangers:
        raise Malformed(
            said("members.cosigner-stranger", "the cosigner {name} is no member", strangers[0]), pointer="/cosigners"
        )
    without = [new.id for new in cosigners if new.validator_key is None]
    if len(cosigners) > 1 and without:
        raise Malformed(
            said("members.cosigner-keyless", "the cosigner {name} has no validator key", without[0]),
            pointer="/cosigners",
        )
    return changed


def _check_change(change: Change) -> None:
    """Insist that a change says one thing of each name. Raises Malformed."""
    members, cosigners = ([new.id for new in part] for part in (change.members, change.cosigners))
    for names, pointer in ((members, "/members"), (cosigners, "/cosigners"), (list(change.removed), "/removed")):
        if names != sorted(set(names)):
            raise Malformed(said("members.order", "a change names each once, in order"), pointer=pointer)
    both = {*members, *cosigners} & {*change.removed}
    if both:
        raise Malformed(
            said("members.put-and-removed", "{name} is put and removed at once", min(both)), pointer="/removed"
        )


def _check_rotation(before: Membership, after: Membership) -> None:
    """Insist that keys of tags stay what they are, and are new where a member leaves. Raises Malformed."""
    leaves = any(after.member(member.id) is None for member in before.members)
    _insist(checks_of_rotation(before.parameters, after.parameters, leaves=leaves))


_Named = TypeVar("_Named", Member, Cosigner)


def _put(present: Sequence[_Named], new: Sequence[_Named], removed: Iterable[MemberId]) -> tuple[_Named, ...]:
    """Replace what has the same name, add the rest, leave out the removed; in the order of names."""
    names: dict[MemberId, _Named] = {named.id: named for named in present}
    names |= {named.id: named for named in new}
    for name in removed:
        names.pop(name, None)
    return tuple(names[name] for name in sorted(names))


def check_membership(membership: Membership) -> None:
    """Check what single fields cannot say.

    Raises:
        Malformed: names or keys are repeated or out of order, a member has too few keys, too many are suspended for
            the others to decide anything, or the quorum exceeds the cosigners.
    """
    epochs = list(membership.parameters.tag_epochs)
    checks = (
        *_checks_of_members(membership.members),
        *_checks_of_cosigners(membership),
        (
            epochs == sorted(set(epochs)),
            said("members.tag-epochs", "epochs of tag keys must be listed once each, in order"),
            "/parameters/tag_epochs",
        ),
        *checks_of_tag_keys(membership.parameters, [member.id for member in membership.members]),
        (
            membership.parameters.quorum <= len(membership.cosigners),
            said("members.quorum-high", "the quorum exceeds the cosigners"),
            "/parameters/quorum",
        ),
    )
    _insist(checks)


def _insist(checks: Iterable[_Check]) -> None:
    for holds, why, pointer in checks:
        if not holds:
            raise Malformed(said("members.wrong", "membership: {why}", why), pointer=f"/membership{pointer}")


def _checks_of_members(members: Sequence[Member]) -> Iterator[_Check]:
    names, place = [member.id for member in members], "/members"
    held = [key for member in members for key in member.keys]
    suspended, most = sum(member.suspended for member in members), tolerated(len(members))
    yield names == sorted(set(names)), said("members.names", "members must be named once each, in order"), place
    yield (
        len({key.key for key in held}) == len(held) and all(well_formed(key.key) for key in held),
        said("members.keys", "members' keys must be well formed and differ"),
        place,
    )
    yield (
        all(key.valid_from < key.valid_until for key in held),
        said("members.key-validity", "a key's validity ends before it begins"),
        place,
    )
    yield (
        all(len(member.keys) >= LEAST_KEYS for member in members),
        said("members.two-keys", "every member has at least two keys, one of them kept offline"),
        place,
    )
    yield (
        all(list(member.roles) == sorted(set(member.roles)) for member in members),
        said("members.roles", "a member's roles must be named once each, in order"),
        place,
    )
    # Who is not suspended must be enough to carry a change, or nobody could ever be reinstated.
    yield (
        suspended <= most,
        said("members.suspended", "of {members} members at most {most} are suspended", len(names), most),
        place,
    )


def _checks_of_cosigners(membership: Membership) -> Iterator[_Check]:
    cosigners, place = membership.cosigners, "/cosigners"
    names, most = [cosigner.id for cosigner in cosigners], tolerated(len(cosigners))
    raw = [key for cosigner in cosigners for key in (cosigner.log_key, cosigner.cosigning_key)]
    validators = [each.validator_key for each in cosigners if each.validator_key is not None]
    suspended = {member.id for member in membership.members if member.suspended} & set(names)
    yield (
        names == sorted(set(names)),
        said("members.cosigner-names", "cosigners must be named once each, in order"),
        place,
    )
    yield len(set(raw)) == len(raw), said("members.cosigner-keys", "cosigners' keys must all differ"), place
    yield (
        len(set(validators)) == len(validators),
        said("members.validator-keys", "validators' keys must all differ"),
        place,
    )
    yield (
        len(suspended) <= most,
        said("members.suspended-cosigners", "of {cosigners} cosigners at most {most} are suspended", len(names), most),
        place,
    )
