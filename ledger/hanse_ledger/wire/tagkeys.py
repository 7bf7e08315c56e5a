"""The members' keys of tags as the members state them: a commitment an epoch, and the key sealed to each of them.

What a commitment and a box are over says docs/formats/tags.md. No rule opens either: a member's node does, and makes no
tags with a key that is not the one of its epoch.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from hanse_ledger.values import limits
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Digest, MemberId

PLACE = "/parameters/tag_keys"

SEALED_BYTES = 80
"""A key of 32 bytes in a sealed box of libsodium: 32 bytes of its one-time key before it, 16 bytes against changes."""


class SealedTagKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key of an epoch for one member.

    Attributes:
        box: the key in a sealed box, which that member alone opens.
        member: whose it is.
    """

    box: Annotated[bytes, Meta(min_length=SEALED_BYTES, max_length=SEALED_BYTES)]
    member: MemberId


class TagKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key of an epoch, as far as everybody may know it.

    Attributes:
        commitment: by which who has the key tells that it is this one.
        epoch: whose key it is.
        sealed: to members, in the order of their ids, each once.
    """

    commitment: Digest
    epoch: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    sealed: Annotated[tuple[SealedTagKey, ...], Meta(max_length=limits.MEMBERS)]


class TagParameters(Protocol):
    """What the members have voted for of tags."""

    @property
    def tag_epochs(self) -> Sequence[int]:
        """The epochs in use."""
        ...

    @property
    def tag_keys(self) -> Sequence[TagKey]:
        """Their keys, as far as they stand in the ledger."""
        ...


def checks_of_tag_keys(parameters: TagParameters, members: Collection[MemberId]) -> Iterator[tuple[bool, Said, str]]:
    """Give what must hold of the keys in use: whether it does, what is wrong where it does not, and where."""
    stated = [key.epoch for key in parameters.tag_keys]
    yield (
        stated == sorted(set(stated)) and set(stated) <= set(parameters.tag_epochs),
        said("members.tag-keys", "keys of tags are of epochs in use, listed once each, in order"),
        PLACE,
    )
    for key in parameters.tag_keys:
        names = [sealed.member for sealed in key.sealed]
        yield (
            names == sorted(set(names)) and set(names) <= set(members),
            said("members.tag-keys-sealed", "a key of tags is sealed to members, named once each, in order"),
            PLACE,
        )


def checks_of_rotation(
    before: TagParameters, after: TagParameters, *, leaves: bool
) -> Iterator[tuple[bool, Said, str]]:
    """Give what must hold from what is in use to what would be, as `checks_of_tag_keys` does.

    Args:
        before: what is in use.
        after: what would be.
        leaves: whether a member is removed, which has the keys of now.
    """
    known = {key.epoch: key.commitment for key in before.tag_keys}
    stated = {key.epoch: key.commitment for key in after.tag_keys}
    new = [epoch for epoch in after.tag_epochs if epoch not in before.tag_epochs]
    yield (
        all(stated.get(epoch) == known[epoch] for epoch in after.tag_epochs if epoch in known),
        said("members.tag-key-changed", "the key of an epoch in use stays the one that the members voted for"),
        PLACE,
    )
    if not known:
        return
    yield (
        all(epoch in stated and epoch > max(before.tag_epochs) for epoch in new),
        said("members.tag-key-missing", "an epoch of tags that begins is later than those in use, and has its key"),
        PLACE,
    )
    yield (
        bool(new) or not leaves,
        said("members.tag-key-known", "whoever leaves knows the keys of tags: the change begins a new epoch of them"),
        PLACE,
    )
