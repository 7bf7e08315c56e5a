"""Parties and their keys, for callers that block.

Written from `hanse_client.resources.parties` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Mapping, Sequence

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import PartyView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt, RecordView
from hanse_client.home.drafts import Draft
from hanse_client.home.identity import Identity
from hanse_client.home.openings import Opening
from hanse_client.resources.parties import AsyncKeys, AsyncParties
from hanse_ledger.kinds.party.bodies import KeyRevocation, PartyRole
from hanse_ledger.values.types import MemberId, Moment, PublicKey


class Parties:
    """Parties: pseudonyms with a key, enrolled by a member. Reached as `client.parties`."""

    def __init__(self, portal: Portal, calls: AsyncParties) -> None:
        self._portal, self._calls = portal, calls

    def enrol(
        self,
        party: Identity,
        *,
        roles: Sequence[PartyRole | str],
        valid_until_ms: Moment | None = None,
        terms: Mapping[str, str],
    ) -> Receipt:
        """Enrol a party whose key is at hand; the client's identity is the enrolling member's. Rule P-1.

        Args:
            party: the party's own identity, which countersigns.
            roles: what it may do.
            valid_until_ms: end of the enrolment; by default a year from now.
            terms: its legal identity by name (`name`, `lei`, `vat`, `eori`…; docs/formats/terms.md). The ledger gets a
                salted commitment.

        Raises as `submit` does; IdentityError where the client's key is no member's.
        """
        return self._portal.run(self._calls.enrol, party, roles=roles, valid_until_ms=valid_until_ms, terms=terms)

    def prepare(
        self,
        *,
        member: MemberId,
        roles: Sequence[PartyRole | str],
        valid_until_ms: Moment | None = None,
        terms: Mapping[str, str],
    ) -> Draft:
        """Prepare one's own enrolment and sign it, for a member to countersign elsewhere. Rule P-1.

        The opening stays in this home folder; the member should see it before it signs: hand
        `EnrolmentRequest(draft, opening).to_json()` to it, with `parties.opening(draft.object_id)`. It calls
        `submit_draft` within a week. The arguments are those of `enrol`; `member` is the enrolling member's name.

        Raises:
            InvalidInput: the key is a party's already: it would be refused.
        """
        return self._portal.run(
            self._calls.prepare, member=member, roles=roles, valid_until_ms=valid_until_ms, terms=terms
        )

    def opening(self, party: Id) -> Opening:
        """Give the opening of a party's identity, which lies in the home folder of who requested it.

        Raises:
            InvalidInput: there is none here.
        """
        return self._calls.opening(party)

    def prepare_move(self, member: MemberId, *, party: Id | None = None) -> Draft:
        """Prepare the move of one's own party to another member, and sign it. Rule P-5.

        Hand `draft.to_json()` to that member. Its present member signs too, unless it has left, is suspended or has no
        key: who signs last calls `submit_draft`, who signs before only `Draft.sign`.

        Args:
            member: the member that takes the party over.
            party: the party, where the home folder does not know it.

        Raises:
            IdentityError: no such member is known, or none of its keys counts now.
        """
        return self._portal.run(self._calls.prepare_move, member, party=party)

    def adopt(self, party: Id) -> PartyView:
        """Note in the home folder that the client's key is this party's, after verifying that it is.

        Raises:
            IdentityError: the party's present key is another one.
        """
        return self._portal.run(self._calls.adopt, party)

    def show(self, party: Id) -> PartyView:
        """Show a party as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, party)

    def records(self, party: Id) -> Iterator[RecordView]:
        """Walk over a party's records, newest first, each proven and none left out."""
        return self._portal.iterate(self._calls.records(party))


class Keys:
    """The keys of parties. Reached as `client.keys`."""

    def __init__(self, portal: Portal, calls: AsyncKeys) -> None:
        self._portal, self._calls = portal, calls

    def rotate(self, new: Identity, *, party: Id | None = None) -> Receipt:
        """Replace the client's key with a new one; both sign. Rule P-2.

        From then on the new identity signs: make the next client with it.

        Args:
            new: the new identity. Its encryption key is not enrolled: a rotation replaces the signing key alone.
            party: the party, where the home folder does not know it.
        """
        return self._portal.run(self._calls.rotate, new, party=party)

    def revoke(
        self,
        key: PublicKey | str,
        reason: KeyRevocation | str,
        *,
        party: Id | None = None,
        compromised_since_ms: Moment | None = None,
    ) -> Receipt:
        """Revoke a party's key from now on; the party signs, or its member. Rule P-3.

        Args:
            key: the key, 33 bytes or 66 hexadecimal digits.
            reason: a value of `KeyRevocation`.
            party: whose key it is; by default the client's own party.
            compromised_since_ms: since when it may have been in other hands; a warning in verdicts.
        """
        return self._portal.run(self._calls.revoke, key, reason, party=party, compromised_since_ms=compromised_since_ms)
