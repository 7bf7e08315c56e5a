"""Offices: members' public faces on the ledger: open, set, show, list their acts; appoint and dismiss officers."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from hanse_client.base.clock import DAY_MS, MINUTE_MS, now_ms
from hanse_client.base.files import read_source
from hanse_client.base.identifiers import Id, parse_choice, parse_id, parse_key
from hanse_client.base.objects import OfficeView
from hanse_client.base.views import Receipt, RecordView
from hanse_client.exchange.listing import Sought, list_objects, office_of
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.ownparties import adopt_office
from hanse_client.exchange.reading import show, walk_inbox, walk_records
from hanse_client.exchange.session import Session
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer, LowValue, OpenOffice, SetOffice
from hanse_ledger.kinds.party.bodies import KeyRevocation
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, EncryptionKey, MemberId, Moment, PublicKey

APPOINTMENT_MS = 365 * DAY_MS

EARLIER_MS = 5 * MINUTE_MS
"""How far before now an appointment begins, so that a node whose clock is a little behind takes it as begun."""


class AsyncOffices:
    """Offices: members' public faces on the ledger. Reached as `client.offices`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def open(self, *, profile: Path | str | bytes | None = None) -> Receipt:
        """Open one's own member's office, once; the client's identity is the member's. Rule F-1.

        What the office reads is sealed to the identity's encryption key.

        Args:
            profile: the office's risk profile, a file or its bytes: its SHA-256 is published, and it stays here.

        Returns:
            The receipt; `object_id` names the office.

        Raises as `submit` does; IdentityError where the client's key is no member's.
        """
        body = OpenOffice(
            encryption_key=self._session.need_identity().encryption_key,
            member=await self._session.own_member(),
            profile=_hash_of(profile),
        )
        return await submit_body(self._session, body)

    async def appoint(
        self,
        office: Id,
        officer: Identity,
        *,
        powers: Sequence[Power | str],
        valid_until_ms: Moment | None = None,
    ) -> Receipt:
        """Let a key sign for one's own member, whose identity is the client's; the officer signs too. Rule F-2.

        Args:
            office: the member's office.
            officer: the officer's own identity, which countersigns.
            powers: what it may sign: values of `Power`.
            valid_until_ms: end of the appointment, within a year; by default a year from now.

        Raises as `submit` does.
        """
        now = now_ms()
        body = AppointOfficer(
            key=officer.public_key,
            office=parse_id(office, "office"),
            powers=tuple(sorted({parse_choice(Power, power, "power") for power in powers})),
            valid_from=now - EARLIER_MS,
            valid_until=now + APPOINTMENT_MS - EARLIER_MS if valid_until_ms is None else valid_until_ms,
        )
        asked = replace(body, valid_from=0, valid_until=valid_until_ms or 0)
        return await submit_body(self._session, body, (officer,), asked=asked)

    async def dismiss(
        self,
        office: Id,
        key: PublicKey | str,
        reason: KeyRevocation | str,
        *,
        compromised_since_ms: Moment | None = None,
    ) -> Receipt:
        """End an officer's appointment from now on; the office's member signs. Rule F-3.

        Args:
            office: the member's office.
            key: the officer's key, 33 bytes or 66 hexadecimal digits.
            reason: a value of `KeyRevocation`.
            compromised_since_ms: since when the key may have been in other hands.
        """
        body = DismissOfficer(
            compromised_since=compromised_since_ms,
            key=parse_key(key),
            office=parse_id(office, "office"),
            reason=parse_choice(KeyRevocation, reason, "reason"),
        )
        return await submit_body(self._session, body)

    async def set(
        self,
        office: Id,
        *,
        four_eyes: Sequence[str] | None = None,
        low_value: Sequence[LowValue] | None = None,
        profile: Path | str | bytes | None = None,
        encryption_key: EncryptionKey | None = None,
    ) -> Receipt:
        """Give an office other settings; its member signs. What is None stays as it is. Rule F-4.

        Args:
            office: the member's office.
            four_eyes: every kind of record that two officers shall sign together; none for no four eyes.
            low_value: up to which value a customs authority takes low-value imports, one limit a currency; none where
                it takes none.
            profile: the office's risk profile, a file or its bytes: its SHA-256 is published, and it stays here.
            encryption_key: to which key what the office reads is sealed, 32 bytes.
        """
        present = (await self.show(office)).settings
        body = SetOffice(
            encryption_key=present.encryption_key if encryption_key is None else encryption_key,
            four_eyes=present.four_eyes if four_eyes is None else tuple(sorted(set(four_eyes))),
            low_value=present.low_value
            if low_value is None
            else tuple(sorted(low_value, key=lambda limit: limit.currency)),
            office=parse_id(office, "office"),
            profile=present.profile if profile is None else _hash_of(profile),
        )
        return await submit_body(self._session, body)

    async def adopt(self, office: Id) -> OfficeView:
        """Note in the home folder that the client's key is an officer's of this office, after verifying that it is.

        From then on what asks for a member's signature is made in the name of the office's member.

        Raises:
            IdentityError: the key is no officer's of this office now.
        """
        return await adopt_office(self._session, await show(self._session, office, OfficeView))

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[OfficeView]:
        """Walk over offices, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no office has such a state.
        """
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, OfficeView, sought)

    async def show(self, office: Id) -> OfficeView:
        """Show an office as it stands, from a verified proof of its status."""
        return await show(self._session, office, OfficeView)

    async def of(self, member: str) -> OfficeView:
        """Show the office of a member as it stands, from a verified proof of its status. A member has one.

        Raises:
            NotFound: it has opened none, as the node says.
        """
        return await office_of(self._session, member)

    def inbox(self, office: Id) -> AsyncIterator[RecordView]:
        """Walk over the records that were addressed to an office, newest first, each proven and none left out."""
        return walk_inbox(self._session, office)

    def records(self, office: Id) -> AsyncIterator[RecordView]:
        """Walk over an office's acts, newest first, each proven and none left out."""
        return walk_records(self._session, office, OfficeView)


def _hash_of(profile: Path | str | bytes | None) -> Digest | None:
    return None if profile is None else hash_bytes(read_source(profile)[0])
