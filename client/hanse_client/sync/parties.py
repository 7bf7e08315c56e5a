"""Parties, for callers that block.

Written from `hanse_client.resources.parties` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Mapping, Sequence

from hanse_client.base.found import AttestationView
from hanse_client.base.identifiers import Id
from hanse_client.base.objects import ObjectView, PartyView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt, RecordView, Refusal
from hanse_client.home.drafts import Draft
from hanse_client.home.enrolments import EnrolmentRequest
from hanse_client.home.identity import Identity
from hanse_client.home.openings import Opening
from hanse_client.resources.parties import AsyncParties
from hanse_client.resources.sharing.lookedat import LookedAt
from hanse_client.resources.sharing.partyreads import PartyRead
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.values.types import MemberId, Moment


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
        repair: MemberId | None = None,
    ) -> Receipt:
        """Enrol a party whose key is at hand; the client's identity is the enrolling member's. Rule P-1.

        Args:
            party: the party's own identity, which countersigns.
            roles: what it may do.
            valid_until_ms: end of the enrolment; by default a year from now.
            terms: its legal identity by name (`name`, `lei`, `vat`, `eori`…; docs/formats/terms.md). The ledger gets a
                salted commitment.
            repair: the second member that signs too where a lost key is replaced; without it none ever is.

        Raises as `submit` does; IdentityError where the client's key is no member's.
        """
        return self._portal.run(
            self._calls.enrol, party, roles=roles, valid_until_ms=valid_until_ms, terms=terms, repair=repair
        )

    def request_for(
        self,
        party: Identity,
        *,
        roles: Sequence[PartyRole | str],
        valid_until_ms: Moment | None = None,
        terms: Mapping[str, str],
        repair: MemberId | None = None,
    ) -> EnrolmentRequest:
        """Make the request of a party whose key is at hand, signed with that alone; the client's key is the member's.

        Keep the file (`to_json`) and enrol with `enrol_requests`: sent again, it is the same record, and stands once.
        The opening stays in this home folder. The arguments are those of `enrol`.
        """
        return self._portal.run(
            self._calls.request_for, party, roles=roles, valid_until_ms=valid_until_ms, terms=terms, repair=repair
        )

    def enrol_requests(self, requests: Sequence[EnrolmentRequest]) -> list[Receipt | Refusal]:
        """Countersign many requests and send them; one answer each, in order. Rule P-1.

        Look first at whom they show: the member vouches for each. A refusal of one hinders no other. What stands
        already is answered so: whoever was interrupted calls this again with the same requests.

        Raises as `submit_drafts` does; IdentityError where one is not made for the client's key, and nothing is sent.
        """
        return self._portal.run(self._calls.enrol_requests, requests)

    def prepare(
        self,
        *,
        member: MemberId,
        roles: Sequence[PartyRole | str],
        valid_until_ms: Moment | None = None,
        terms: Mapping[str, str],
        repair: MemberId | None = None,
    ) -> Draft:
        """Prepare one's own enrolment and sign it, for a member to countersign elsewhere. Rule P-1.

        The opening stays in this home folder; the member should see it before it signs: hand
        `EnrolmentRequest(draft, opening).to_json()` to it, with `parties.opening(draft.object_id)`. It calls
        `submit_draft` within a week. The arguments are those of `enrol`; `member` is the enrolling member's name.

        Raises:
            InvalidInput: the key is a party's already: it would be refused.
        """
        return self._portal.run(
            self._calls.prepare, member=member, roles=roles, valid_until_ms=valid_until_ms, terms=terms, repair=repair
        )

    def opening(self, party: Id) -> Opening:
        """Give the opening of a party's identity, which lies in the home folder of who requested it.

        Raises:
            InvalidInput: there is none here.
        """
        return self._calls.opening(party)

    def show_identity(self, party: Id) -> bytes:
        """Write the identity of one's own party for whom it trades with, checked against its enrolment.

        Raises:
            InvalidInput: its opening is not in this home folder.
        """
        return self._portal.run(self._calls.show_identity, party)

    def prepare_move(self, member: MemberId, *, repair: MemberId | None = None, party: Id | None = None) -> Draft:
        """Prepare the move of one's own party to another member, and sign it. Rule P-5.

        Hand `draft.to_json()` to that member. Its present member signs too, unless it has left, is suspended or has no
        key: who signs last calls `submit_draft`, who signs before only `Draft.sign`.

        Args:
            member: the member that takes the party over; its present one, where only the second member changes.
            repair: the second member that signs too where a lost key is replaced; without it none is from then on.
            party: the party, where the home folder does not know it.

        Raises:
            IdentityError: no such member is known, or none of its keys counts now.
        """
        return self._portal.run(self._calls.prepare_move, member, repair=repair, party=party)

    def suspend(self, party: Id, reasons: Sequence[str]) -> Receipt:
        """Suspend a party until it is reinstated; the member with which it is signs. Rule P-6.

        Args:
            party: the party.
            reasons: codes of the member's own published list, 1 to 16 capital letters, digits and hyphens each.
        """
        return self._portal.run(self._calls.suspend, party, reasons)

    def reinstate(self, party: Id) -> Receipt:
        """End a party's suspension; the member with which it is signs. Rule P-7."""
        return self._portal.run(self._calls.reinstate, party)

    def attest(
        self,
        party: Id,
        *,
        examiner: str,
        day: str,
        terms: Sequence[str],
        looked_at: LookedAt,
        shown: bytes | None = None,
    ) -> Receipt:
        """Attest that somebody has looked at who a party is; the member with which it is signs. Rule P-11.

        All of it is committed to, and told to nobody; the opening stays in the home folder, by the record's id, so that
        its terms can be shown one by one: `client.proof(party, disclose={receipt.record_id: ["examined"]})`.

        Args:
            party: the party.
            examiner: who looked, such as a desk's or a person's name.
            day: when, such as 2026-09-14.
            terms: for which terms of the identity, by their names, such as `name` and `vat`.
            looked_at: at what, or why at nothing.
            shown: the party's identity, as `identity` takes it.

        Raises as `submit` does, and:
            InvalidInput: the identity is not known here, or does not state such a term, or what was looked at is
                another's or incomplete, or a day has not come. Nothing was sent.
            DocumentError: an LEI or a VAT number is mistyped, or a file cannot be read. Nothing was sent.
        """
        return self._portal.run(
            self._calls.attest, party, examiner=examiner, day=day, terms=terms, looked_at=looked_at, shown=shown
        )

    def identity(self, party: Id, shown: bytes | None = None) -> dict[str, str]:
        """Give a party's legal identity, verified against its enrolment, and keep it in the home folder.

        Args:
            party: the party.
            shown: its enrolment request, or what it has shown since (`show_identity`); by default what is kept here.

        Raises:
            InvalidInput: none is kept here, or it is not the one to which the enrolment commits.
        """
        return self._portal.run(self._calls.identity, party, shown)

    def attestations(self, party: Id) -> Iterator[AttestationView]:
        """Walk over what members have attested of who a party is, newest first, each proven: see `AttestationView`."""
        return self._portal.iterate(self._calls.attestations(party))

    def adopt(self, party: Id) -> PartyView:
        """Note in the home folder that the client's key is this party's, after verifying that it is.

        Raises:
            IdentityError: the party's present key is another one.
        """
        return self._portal.run(self._calls.adopt, party)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[PartyView]:
        """Walk over parties, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no party has such a state.
        """
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def addressed(
        self,
        *,
        kind: str | None = None,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        own: Id | None = None,
    ) -> Iterator[ObjectView]:
        """Walk over what others have addressed to the client's member, or party, newest first: proven, none left out.

        Of a member it is what its office's inbox leads to; of a party, or of `own`, what others have opened in whose
        history it stands.

        Args:
            kind: only objects of this kind, such as `declaration`.
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            own: the party, where the home folder does not know it.

        Raises:
            InvalidInput: there is no such kind, or no such state.
        """
        return self._portal.iterate(self._calls.addressed(kind=kind, state=state, open=open, own=own))

    def reads(
        self,
        *,
        party: Id | None = None,
        everybody: bool = False,
        object_id: Id | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
        before: str | None = None,
    ) -> Iterator[PartyRead]:
        """Walk over who has read, at the node that is asked, what concerns a party: an hour of each reader a row.

        The newest come first; nothing proves it: it is the node's word, and each node has its own. Of an office is told
        which it was and no person, and where it decides or settles only after the delay that the node's member sets; so
        a row can come to stand among older ones. An auditor, by a token with the scope `reads`, is told all at once.

        Args:
            party: whom the reads concern: one's own party where it is left out. A member asks of a party that is with
                it.
            everybody: of all parties, for auditors.
            object_id: only reads of this object, or of this record.
            since_ms: only what was read then or later, in milliseconds since 1970.
            until_ms: only what was first read before.
            before: the `cursor` of a row: only what comes behind it, in this process or another.

        Raises InvalidInput where it is not said, or known, of which party.
        """
        return self._portal.iterate(
            self._calls.reads(
                party=party,
                everybody=everybody,
                object_id=object_id,
                since_ms=since_ms,
                until_ms=until_ms,
                before=before,
            )
        )

    def show(self, party: Id) -> PartyView:
        """Show a party as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, party)

    def records(self, party: Id) -> Iterator[RecordView]:
        """Walk over a party's records, newest first, each proven and none left out."""
        return self._portal.iterate(self._calls.records(party))
