"""Offices, for callers that block.

Written from `hanse_client.resources.offices` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import OfficeView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt, RecordView
from hanse_client.home.identity import Identity
from hanse_client.resources.offices import AsyncOffices
from hanse_ledger.kinds.office.bodies import LowValue
from hanse_ledger.kinds.party.bodies import KeyRevocation
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import EncryptionKey, MemberId, Moment, PublicKey


class Offices:
    """Offices: members' public faces on the ledger. Reached as `client.offices`."""

    def __init__(self, portal: Portal, calls: AsyncOffices) -> None:
        self._portal, self._calls = portal, calls

    def open(self, *, profile: Path | str | bytes | None = None) -> Receipt:
        """Open one's own member's office, once; the client's identity is the member's. Rule F-1.

        What the office reads is sealed to the identity's encryption key.

        Args:
            profile: the office's risk profile, a file or its bytes: its SHA-256 is published, and it stays here.

        Returns:
            The receipt; `object_id` names the office.

        Raises as `submit` does; IdentityError where the client's key is no member's.
        """
        return self._portal.run(self._calls.open, profile=profile)

    def appoint(
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
        return self._portal.run(self._calls.appoint, office, officer, powers=powers, valid_until_ms=valid_until_ms)

    def dismiss(
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
        return self._portal.run(self._calls.dismiss, office, key, reason, compromised_since_ms=compromised_since_ms)

    def set(
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
        return self._portal.run(
            self._calls.set,
            office,
            four_eyes=four_eyes,
            low_value=low_value,
            profile=profile,
            encryption_key=encryption_key,
        )

    def adopt(self, office: Id) -> OfficeView:
        """Note in the home folder that the client's key is an officer's of this office, after verifying that it is.

        From then on what asks for a member's signature is made in the name of the office's member.

        Raises:
            IdentityError: the key is no officer's of this office now.
        """
        return self._portal.run(self._calls.adopt, office)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[OfficeView]:
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
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def show(self, office: Id) -> OfficeView:
        """Show an office as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, office)

    def of(self, member: str) -> OfficeView:
        """Show the office of a member as it stands, from a verified proof of its status. A member has one.

        Raises:
            NotFound: it has opened none, as the node says.
        """
        return self._portal.run(self._calls.of, member)

    def inbox(self, office: Id) -> Iterator[RecordView]:
        """Walk over the records that were addressed to an office, newest first, each proven and none left out."""
        return self._portal.iterate(self._calls.inbox(office))

    def records(self, office: Id) -> Iterator[RecordView]:
        """Walk over an office's acts, newest first, each proven and none left out."""
        return self._portal.iterate(self._calls.records(office))
