"""The trust file (`trust.json`): whom a verifier trusts, from the genesis on, through every change of the members.

Canonical JSON. It holds the genesis, so the ledger's id is the one thing to compare by telephone, and the records by
which the members changed: each epoch is proven from the one before by the members' own signatures (as TUF rotates its
roots).
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger import limits
from hanse_ledger.entry import RecordEntry, decode_entry
from hanse_ledger.envelope import Signed, open_decoded, verify_envelope
from hanse_ledger.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.jsonform import decode_json, encode_json
from hanse_ledger.membership import Membership, ProposeChange
from hanse_ledger.records import MembersBody
from hanse_ledger.state import Object
from hanse_ledger.transition import transition
from hanse_ledger.trust import Genesis, check_genesis, ledger_id
from hanse_ledger.types import Digest, LedgerId, MemberId, Moment, ObjectId

TRUST_FORMAT = "hanse.trust/1"

ChangeEntries = Annotated[
    tuple[Annotated[bytes, Meta(max_length=limits.ENTRY_BYTES)], ...], Meta(max_length=limits.MEMBER_CHANGES)
]
"""Entries of records that change the members, in canonical bytes, in order of their positions."""


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds."""

    format: str = msgspec.field(name="@type")
    changes: ChangeEntries
    genesis: Genesis
    ledger: LedgerId


_decoder = msgspec.json.Decoder(_File)


class InForce(Struct, frozen=True):
    """The members as they stand after the record at a position, and for the genesis after position 0."""

    position: int
    membership: Membership
    time: Moment


class TrustFile:
    """A ledger's members, as far as they are known: at the genesis, and after each record that changed them."""

    def __init__(self, genesis: Genesis) -> None:
        """Trust a genesis, and no change yet: see `extended`."""
        self.genesis, self.ledger = genesis, ledger_id(genesis)
        self.changes: tuple[bytes, ...] = ()
        self._steps: tuple[InForce, ...] = (InForce(0, genesis.membership, genesis.created),)

    @property
    def membership(self) -> Membership:
        """The newest members that are known."""
        return self._steps[-1].membership

    @property
    def position(self) -> int:
        """The position of the last known change; 0 for none."""
        return self._steps[-1].position

    def at(self, size: int) -> Membership:
        """Give the members in force under a log of so many entries, as far as changes are known."""
        return next((step for step in reversed(self._steps) if step.position < size), self._steps[0]).membership

    def ever_held(self, key: bytes) -> bool:
        """Tell whether a key was a member's at any epoch that is known."""
        return any(step.membership.holder(key) is not None for step in self._steps)

    def ever_validated(self, member: MemberId, key: bytes) -> bool:
        """Tell whether a key was that of a member's engine at any epoch that is known."""
        return (member, key) in self.validators()

    def validators(self) -> set[tuple[MemberId, bytes]]:
        """List the keys of members' engines at all epochs that are known."""
        return {
            (each.id, each.validator_key)
            for step in self._steps
            for each in step.membership.cosigners
            if each.validator_key is not None
        }

    def settled(self, size: int = limits.LOG_SIZE) -> int:
        """Give the position of the last known change under a log of so many entries that no open proposal follows."""
        return self._base(size).position

    def extended(self, changes: Sequence[bytes], size: int = limits.LOG_SIZE) -> "TrustFile":
        """Follow changes of the members under a log of so many entries, from those that are known.

        Args:
            changes: entries in order of their positions. Those up to `settled(size)` must be known ones; some of them,
                or all, may be left out, and so may the records of proposals that came to nothing.
            size: of the log.

        Returns:
            This file, where nothing of it is new; else one that knows the members under that log.

        Raises:
            ProofInvalid: an entry is no such record, or out of order, or another than the known one in its place, or
                not signed, or refused by the rules; or it begins an epoch that should be known, and is not.
        """
        base = self._base(size)
        known = {step.position: data for step, data in zip(self._steps[1:], self.changes, strict=True)}
        kept = [(step, known[step.position]) for step in self._steps[1:] if step.position <= base.position]
        last, steps = -1, [(base, b"")]
        for data in changes:
            entry, signed = _open(data)
            if entry.position <= last:
                raise ProofInvalid("the changes of the members do not stand in order of their positions")
            last = entry.position
            if entry.position > base.position:
                steps = self._next(steps, data, entry, signed)
            elif known.get(entry.position) != data:
                raise ProofInvalid(f"the change of the members at position {entry.position} is not the trusted one")
        made = TrustFile(self.genesis)
        made._steps = (self._steps[0], *(step for step, _ in kept), *(step for step, _ in steps[1:]))
        made.changes = (*(data for _, data in kept), *(data for _, data in steps[1:]))
        if len(made.changes) > limits.MEMBER_CHANGES:
            raise ProofInvalid(f"there are more than {limits.MEMBER_CHANGES} changes of the members")
        present = [step for step in self._steps if step.position < size]
        return self if list(made._steps) == present else made

    def following(self, other: "TrustFile") -> "TrustFile":
        """Follow the members as another file of this ledger has them; give this one, where that knows fewer epochs.

        Raises:
            ProofInvalid: the other does not follow from what is known, nor the other way round.
        """
        if other.position < self.settled():
            return self
        count = 1 + sum(step.position <= self.settled() for step in self._steps[1:])
        # What was open here may have come to nothing there.
        decided = TrustFile(self.genesis)
        decided.changes, decided._steps = self.changes[: count - 1], self._steps[:count]
        found = decided.extended(other.changes, other.position + 1)
        return self if found.settled() < self.settled() or found.changes == self.changes else found

    def _base(self, size: int) -> InForce:
        settled = (step for step in reversed(self._steps) if step.position < size and step.membership.proposal is None)
        return next(settled, self._steps[0])

    def _next(
        self, steps: list[tuple[InForce, bytes]], data: bytes, entry: RecordEntry, signed: Signed
    ) -> list[tuple[InForce, bytes]]:
        """Add the next step. A new proposal takes the place of an open one, which has come to nothing."""
        if isinstance(signed.record.body, ProposeChange):
            while steps[-1][0].membership.proposal is not None:
                steps = steps[:-1]
        step = _follow(self.ledger, steps[-1][0], entry, signed)
        if step.membership.epoch > steps[-1][0].membership.epoch and step.position <= self.settled():
            where = f"the epoch that begins at position {step.position}"
            if self.at(step.position + 1) != step.membership:
                raise ProofInvalid(f"{where} is not the trusted one")
        return [*steps, (step, data)]

    def to_bytes(self) -> bytes:
        """Write the file: canonical JSON."""
        return encode_json(_File(format=TRUST_FORMAT, changes=self.changes, genesis=self.genesis, ledger=self.ledger))


class MembersAlone:
    """A state of which only the members are known: enough for the rules by which they change. A StateView."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership

    def object(self, name: ObjectId) -> Object | None:
        """Know no object."""
        del name
        return None

    def claim(self, key: Digest) -> bytes | None:
        """Know no claim."""
        del key
        return None


def _open(data: bytes) -> tuple[RecordEntry, Signed]:
    try:
        entry = decode_entry(data)
        if not isinstance(entry, RecordEntry):
            raise ProofInvalid("a state entry stands among the changes of the members")
        signed = open_decoded(entry.payload)
    except Malformed as error:
        raise ProofInvalid(f"a change of the members is not well-formed: {error.detail}") from error
    if not isinstance(signed.record.body, MembersBody):
        raise ProofInvalid(f"a {signed.record.kind} at position {entry.position} does not change the members")
    return entry, signed


def _follow(ledger: LedgerId, before: InForce, entry: RecordEntry, signed: Signed) -> InForce:
    where = f"the change of the members at position {entry.position}"
    if entry.time < before.time:
        raise ProofInvalid(f"the time of {where} lies before that of the one before")
    try:
        verify_envelope(signed)
        delta = transition(MembersAlone(before.membership), signed, ledger, entry.time)
    except Rejected as error:
        raise ProofInvalid(f"{where} is refused: {error.reason.value} at {error.pointer}") from error
    assert delta.membership is not None, "a rule of the members says what they are after it"
    return InForce(entry.position, delta.membership, entry.time)


def write_trust(genesis: Genesis, changes: Sequence[bytes] = ()) -> bytes:
    """Write the trust file of a ledger: canonical JSON.

    Args:
        genesis: where it begins.
        changes: the entries that changed its members, in order. They are taken as they are.
    """
    return encode_json(_File(format=TRUST_FORMAT, changes=tuple(changes), genesis=genesis, ledger=ledger_id(genesis)))


def read_trust(data: bytes) -> TrustFile:
    """Read a trust file, and check each change of the members in it.

    Raises:
        Malformed: not canonical JSON of this format, the genesis does not have the ledger's id, or a change does not
            follow from the members before it.
    """
    file = decode_json(data, _decoder, what="trust file", most=limits.TRUST_FILE_BYTES)
    if file.format != TRUST_FORMAT:
        raise Malformed(f"trust file: format is not {TRUST_FORMAT}", pointer="/@type")
    check_genesis(file.genesis)
    trust = TrustFile(file.genesis)
    if trust.ledger != file.ledger:
        raise Malformed("trust file: the ledger's id is not the hash of the genesis", pointer="/ledger")
    try:
        return trust.extended(file.changes)
    except ProofInvalid as error:
        raise Malformed(f"trust file: {error.detail}", pointer="/changes") from error
