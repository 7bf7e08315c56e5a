"""Changes of the members that begin an epoch of tags, hand its key on, and end it."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from hanse_client.base.errors import InvalidInput
from hanse_documents.semantics.epochkeys import EpochKey, verify_key
from hanse_ledger.values import limits
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import EncryptionKey, MemberId
from hanse_ledger.wire.membership import Change, Membership, Parameters, parameters_after
from hanse_ledger.wire.tagkeys import SealedTagKey, TagKey


def next_epoch(members: Membership) -> int:
    """Give the epoch of tags that begins next."""
    return max(members.parameters.tag_epochs, default=0) + 1


def begin_tags(
    change: Change, members: Membership, key: EpochKey, recipients: Mapping[MemberId, EncryptionKey]
) -> Change:
    """Begin an epoch of tags beside the newest one in use. An older one goes: two are in use at most.

    Args:
        change: what else shall be different; whom it removes does not get the key.
        members: the members in force.
        key: the new epoch's, from `new_key(next_epoch(members))`.
        recipients: to which key it is sealed for each member: `client.members.tag_recipients()`.

    Raises:
        InvalidInput: the epoch is not later than those in use.
    """
    if key.epoch < next_epoch(members):
        raise InvalidInput(f"Epoch {key.epoch} is not later than those in use.", "Begin the next one.")
    present = parameters_after(members, change)
    epochs = (*present.tag_epochs[1 - limits.TAGS :], key.epoch)
    kept = tuple(replace(old, sealed=_staying(old.sealed, change)) for old in present.tag_keys if old.epoch in epochs)
    sealed = _staying(_sealed(key, recipients), change)
    new = TagKey(commitment=key.commitment, epoch=key.epoch, sealed=sealed)
    return replace(change, parameters=replace(present, tag_epochs=epochs, tag_keys=(*kept, new)))


def share_tags(
    change: Change, members: Membership, key: EpochKey, recipients: Mapping[MemberId, EncryptionKey]
) -> Change:
    """Seal the key of an epoch in use anew to all members: to one that came later, or whose node has another key now.

    Where the members have not voted for the epoch's key yet, they do so by this change.

    Args:
        change: what else shall be different.
        members: the members in force.
        key: the epoch's.
        recipients: as of `begin_tags`.

    Raises:
        InvalidInput: the epoch is not in use, or this is not its key.
    """
    present = parameters_after(members, change)
    if key.epoch not in present.tag_epochs:
        raise InvalidInput(f"Epoch {key.epoch} is not in use.", "Name one of these: hanse tag show")
    stated = next((old for old in present.tag_keys if old.epoch == key.epoch), None)
    if stated is not None:
        try:
            verify_key(stated, key)
        except ProofInvalid as error:
            raise InvalidInput(f"It is not sealed: {error}.", "Take the key from a node that makes tags.") from error
    new = TagKey(commitment=key.commitment, epoch=key.epoch, sealed=_staying(_sealed(key, recipients), change))
    keys = sorted((*(old for old in present.tag_keys if old.epoch != key.epoch), new), key=lambda each: each.epoch)
    return replace(change, parameters=replace(present, tag_keys=tuple(keys)))


def drop_tags(change: Change, members: Membership, epoch: int) -> Change:
    """End an epoch of tags: invoices need none of it any more. Raises InvalidInput: it is not in use, or the last."""
    present = parameters_after(members, change)
    epochs = tuple(each for each in present.tag_epochs if each != epoch)
    if epochs == present.tag_epochs or not epochs:
        raise InvalidInput(f"Epoch {epoch} is not in use, or the only one that is.", "Look: hanse tag show")
    keys = tuple(key for key in present.tag_keys if key.epoch != epoch)
    return replace(change, parameters=replace(present, tag_epochs=epochs, tag_keys=keys))


def sealed_key(parameters: Parameters, epoch: int, member: MemberId) -> tuple[TagKey, bytes]:
    """Find the key of an epoch that is sealed to a member: what the members state, and the box. Raises InvalidInput."""
    stated = next((key for key in parameters.tag_keys if key.epoch == epoch), None)
    if stated is None:
        raise InvalidInput(f"The members state no key of epoch {epoch}.", "They hand it on themselves: hanse tag keep")
    box = next((sealed.box for sealed in stated.sealed if sealed.member == member), None)
    if box is None:
        raise InvalidInput(f"The key of epoch {epoch} is not sealed to {member}.", "Have it sealed: hanse tag share")
    return stated, box


def _sealed(key: EpochKey, recipients: Mapping[MemberId, EncryptionKey]) -> Iterable[SealedTagKey]:
    return (SealedTagKey(box=key.seal(recipients[name]), member=name) for name in sorted(recipients))


def _staying(sealed: Iterable[SealedTagKey], change: Change) -> tuple[SealedTagKey, ...]:
    """Leave out whom a change removes."""
    return tuple(each for each in sealed if each.member not in change.removed)
