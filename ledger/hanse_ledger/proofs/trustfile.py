"""The trust file (`trust.json`): whom a verifier trusts, from the genesis on, through every change of the members.

Canonical JSON. It holds the genesis, so the ledger's id is the one thing to compare by telephone, and the records by
which the members changed: each epoch is proven from the one before by the members' own signatures (as TUF rotates its
roots). Of an epoch it holds the proposal that took effect, the approvals that carried it and its nodes' reports, and
nothing of what came to nothing: nobody makes it longer but more than two thirds of the members.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.kinds.member.bodies import MembersBody, ProposeChange, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS, leading
from hanse_ledger.kinds.object import Object
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded, verify_envelope
from hanse_ledger.transition import transition
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Digest, LedgerId, MemberId, Moment, ObjectId
from hanse_ledger.wire.genesis import Genesis, check_genesis, ledger_id
from hanse_ledger.wire.membership import Membership

TRUST_FORMAT = "hanse.trust/2"

ChangeEntries = Annotated[
    tuple[Annotated[bytes, Meta(max_length=limits.ENTRY_BYTES)], ...], Meta(max_length=limits.MEMBER_CHANGES)
]
"""Entries of records that led from epoch to epoch, in canonical bytes, in order of their positions."""


class TrustForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds.

    Attributes:
        format: `hanse.trust/2`.
        changes: the entries of the records that led from epoch to epoch since, in order of their positions.
        genesis: where the ledger begins.
        ledger: SHA-256 of the genesis in canonical MessagePack.
    """

    format: str = msgspec.field(name="@type")
    changes: ChangeEntries
    genesis: Genesis
    ledger: LedgerId


_decoder = msgspec.json.Decoder(TrustForm)


class InForce(Struct, frozen=True):
    """The members as they stand after the record at a position, and for the genesis after position 0."""

    position: int
    membership: Membership
    time: Moment


class _Epoch(Struct, frozen=True):
    """What a change has led to, and the entries of the records that led to it, with their positions."""

    begun: InForce
    entries: tuple[tuple[int, bytes], ...]


class TrustFile:
    """A ledger's members, as far as they are known: at the genesis, and after each change that took effect."""

    def __init__(self, genesis: Genesis) -> None:
        """Trust a genesis, and no change yet: see `extended`."""
        self.genesis, self.ledger = genesis, ledger_id(genesis)
        self._epochs: tuple[_Epoch, ...] = (_Epoch(InForce(0, genesis.membership, genesis.created), ()),)
        self._known: dict[bytes, int] = {}

    @property
    def changes(self) -> tuple[bytes, ...]:
        """The entries of the records that led from epoch to epoch, in order of their positions."""
        return tuple(self._known)

    @property
    def membership(self) -> Membership:
        """The newest members that are known."""
        return self._epochs[-1].begun.membership

    @property
    def position(self) -> int:
        """The position of the record with which the last known epoch begins; 0 for the first."""
        return self._epochs[-1].begun.position

    def at(self, size: int) -> Membership:
        """Give the members in force under a log of so many entries, as far as changes are known."""
        return self._base(size).membership

    def ever_held(self, key: bytes) -> bool:
        """Tell whether a key was a member's at any epoch that is known."""
        return any(epoch.begun.membership.holder(key) is not None for epoch in self._epochs)

    def ever_validated(self, member: MemberId, key: bytes) -> bool:
        """Tell whether a key was that of a member's engine at any epoch that is known."""
        return (member, key) in self.validators()

    def validators(self) -> set[tuple[MemberId, bytes]]:
        """List the keys of members' engines at all epochs that are known."""
        return {
            (cosigner.id, cosigner.validator_key)
            for epoch in self._epochs
            for cosigner in epoch.begun.membership.cosigners
            if cosigner.validator_key is not None
        }

    def extended(self, changes: Sequence[bytes], size: int = limits.LOG_SIZE) -> "TrustFile":
        """Follow changes of the members under a log of so many entries, from those that are known.

        An epoch's records are read and put to the rules before a signature of theirs is verified, and all of one epoch
        before any of the next: what is refused costs no more than one epoch beyond what holds.

        Args:
            changes: entries in order of their positions: of each epoch the proposal that took effect, the approvals
                that carried it, and its nodes' reports. Those that are known may be left out, some or all.
            size: of the log.

        Returns:
            This file, where nothing of it is new; else one that knows the members under that log.

        Raises:
            ProofInvalid: an entry is no such record, or out of order, or another than the known one in its place, or
                not signed, or refused by the rules, or leads to no epoch; or it begins one that should be known.
        """
        if len(changes) > limits.MEMBER_CHANGES:
            raise ProofInvalid(
                said("trust.too-many", "there are more than {most} changes of the members", limits.MEMBER_CHANGES)
            )
        last, new = -1, list[bytes]()
        for data in changes:
            position = self._known.get(data)
            if position is None:
                new.append(data)
            elif new or position <= last:
                raise ProofInvalid(
                    said("trust.order", "the changes of the members do not stand in order of their positions")
                )
            else:
                last = position
        if not new:
            return self
        base, (first, _) = self._base(size), _open(new[0])
        if first.position <= base.position or base.position < self.position:
            raise ProofInvalid(
                said(
                    "trust.other-change",
                    "the change of the members at position {position} is not the trusted one",
                    first.position,
                )
            )
        file = TrustFile(self.genesis)
        file._epochs, file._known = self._epochs, dict(self._known)
        for epoch in _follow(self.ledger, base, new):
            file._epochs = (*file._epochs, epoch)
            file._known.update((data, position) for position, data in epoch.entries)
            if len(file._known) > limits.MEMBER_CHANGES:
                raise ProofInvalid(
                    said("trust.too-many", "there are more than {most} changes of the members", limits.MEMBER_CHANGES)
                )
        return file

    def following(self, other: "TrustFile") -> "TrustFile":
        """Follow the members as another file of this ledger has them; give this one, where that knows no more.

        Raises:
            ProofInvalid: the other does not follow from what is known, nor the other way round.
        """
        if other.position > self.position:
            return self.extended(other.changes)
        if other.changes != self.changes[: len(other.changes)]:
            raise ProofInvalid(
                said(
                    "trust.other-change",
                    "the change of the members at position {position} is not the trusted one",
                    other.position,
                )
            )
        return self

    def _base(self, size: int) -> InForce:
        for epoch in reversed(self._epochs):
            if epoch.begun.position < size:
                return epoch.begun
        return self._epochs[0].begun

    def to_bytes(self) -> bytes:
        """Write the file: canonical JSON."""
        return encode_json(
            TrustForm(format=TRUST_FORMAT, changes=self.changes, genesis=self.genesis, ledger=self.ledger)
        )


class MembersAlone:
    """A state of which only the members are known, and what they vote on: enough for their own rules. A StateView."""

    def __init__(self, membership: Membership) -> None:
        self.membership, self.proposals = membership, NO_PROPOSALS

    def object(self, object_id: ObjectId) -> Object | None:
        """Know no object."""
        del object_id
        return None

    def claim(self, key: Digest) -> bytes | None:
        """Know no claim."""
        del key
        return None


def _follow(ledger: LedgerId, before: InForce, changes: Iterable[bytes]) -> Iterator[_Epoch]:
    """Follow entries from epoch to epoch, lazily. Raises ProofInvalid."""
    state, time, last = MembersAlone(before.membership), before.time, -1
    led: list[tuple[RecordEntry, bytes, Signed]] = []
    for data in changes:
        entry, signed = _open(data)
        where = _at(entry.position)
        if entry.position <= last:
            raise ProofInvalid(
                said("trust.order", "the changes of the members do not stand in order of their positions")
            )
        if entry.time < time:
            raise ProofInvalid(
                said("trust.time-runs-back", "the time of {change} lies before that of the one before", where)
            )
        _require_leading(signed, [opened for _, _, opened in led], where)
        last, time = entry.position, entry.time
        led.append((entry, data, signed))
        try:
            delta = transition(state, signed, ledger, entry.time)
        except Rejected as error:
            raise ProofInvalid(
                said(
                    "trust.refused",
                    "{change} is refused: {code} at {pointer}",
                    where,
                    error.reason.value,
                    error.pointer,
                )
            ) from error
        if delta.membership is None:
            assert delta.proposals is not None, "a rule of the members says what is open after it"
            state.proposals = delta.proposals
            continue
        for each, _, opened in led:
            _verify(each.position, opened)
        yield _Epoch(InForce(last, delta.membership, time), tuple((each.position, data) for each, data, _ in led))
        state, led = MembersAlone(delta.membership), []
    if led:
        raise ProofInvalid(
            said(
                "trust.no-effect",
                "the change of the members at position {position} has not taken effect",
                led[0][0].position,
            )
        )


def leading_changes(ledger: LedgerId, members: Membership, entries: Iterable[bytes]) -> list[bytes]:
    """Find, among all records of the members that a log has, those that have led from epoch to epoch.

    No signature is verified: that `TrustFile.extended` does, with what was found.

    Args:
        ledger: whose.
        members: those before the first of the records.
        entries: all entries of such records, in order.

    Raises:
        ProofInvalid: an entry is no such record, or the rules refuse it.
    """
    state, changes = MembersAlone(members), list[bytes]()
    led: dict[MemberId, tuple[bytes, ...]] = {}
    for data in entries:
        entry, signed = _open(data)
        try:
            delta = transition(state, signed, ledger, entry.time)
        except Rejected as error:
            where = _at(entry.position)
            raise ProofInvalid(
                said(
                    "trust.refused",
                    "{change} is refused: {code} at {pointer}",
                    where,
                    error.reason.value,
                    error.pointer,
                )
            ) from error
        assert isinstance(signed.record.body, MembersBody), "see _open"
        assert delta.proposals is not None, "a rule of the members says what is open after it"
        proposer, steps = leading(led, state.proposals, signed.record.body, data)
        led[proposer] = steps
        if delta.membership is not None:
            changes += steps
            state, led = MembersAlone(delta.membership), {}
        state.proposals = delta.proposals
    return changes


def _at(position: int) -> Said:
    return said("trust.change-at", "the change of the members at position {position}", position)


def _open(data: bytes) -> tuple[RecordEntry, Signed]:
    try:
        entry = decode_entry(data)
        if not isinstance(entry, RecordEntry):
            raise ProofInvalid(
                said("trust.state-among-changes", "a state entry stands among the changes of the members")
            )
        signed = open_decoded(entry.payload)
    except Malformed as error:
        raise ProofInvalid(
            said("trust.change-malformed", "a change of the members is not well-formed: {why}", error.said)
        ) from error
    if not isinstance(signed.record.body, MembersBody):
        raise ProofInvalid(
            said(
                "trust.no-change",
                "a {kind} at position {position} does not change the members",
                signed.record.kind,
                entry.position,
            )
        )
    return entry, signed


def _verify(position: int, signed: Signed) -> None:
    try:
        verify_envelope(signed)
    except Rejected as error:
        raise ProofInvalid(
            said(
                "trust.change-forged",
                "the change of the members at position {position} is refused: {code}",
                position,
                error.reason.value,
            )
        ) from error


def _require_leading(signed: Signed, led: Sequence[Signed], where: Said) -> None:
    """Insist that a record leads to an epoch: a proposal first, then what is about it and for it."""
    body = signed.record.body
    if isinstance(body, ProposeChange):
        if led:
            raise ProofInvalid(said("trust.second-proposal", "{change} is a second proposal within one epoch", where))
    elif isinstance(body, WithdrawChange) or (isinstance(body, VoteOnChange) and not body.approve):
        raise ProofInvalid(
            said("trust.leads-nowhere", "{change} leads to no epoch: it withdraws, or votes against", where)
        )


def write_trust(genesis: Genesis, changes: Sequence[bytes] = ()) -> bytes:
    """Write the trust file of a ledger: canonical JSON.

    Args:
        genesis: where it begins.
        changes: the entries that changed its members, in order. They are taken as they are.
    """
    return encode_json(
        TrustForm(format=TRUST_FORMAT, changes=tuple(changes), genesis=genesis, ledger=ledger_id(genesis))
    )


def read_trust(data: bytes) -> TrustFile:
    """Read a trust file, and check each change of the members in it.

    Raises:
        NotJudged: it is of another release, or its form was changed.
        Malformed: not canonical JSON of this format, the genesis does not have the ledger's id, or a change does not
            follow from the members before it.
    """
    file = decode_json(
        data, _decoder, what=said("file.trust", "trust file"), most=limits.TRUST_FILE_BYTES, form=TRUST_FORMAT
    )
    check_genesis(file.genesis)
    trust = TrustFile(file.genesis)
    if trust.ledger != file.ledger:
        raise Malformed(
            said("trust.other-ledger", "trust file: the ledger's id is not the hash of the genesis"), pointer="/ledger"
        )
    try:
        return trust.extended(file.changes)
    except ProofInvalid as error:
        raise Malformed(said("trust.broken", "trust file: {why}", error.said), pointer="/changes") from error
