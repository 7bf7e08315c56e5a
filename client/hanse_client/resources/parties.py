"""Parties: enrol, move, suspend, reinstate, attest, show, list."""

from collections.abc import AsyncIterator, Mapping, Sequence

from msgspec.structs import replace

from hanse_client.base.clock import DAY_MS, MINUTE_MS, now_ms
from hanse_client.base.errors import IdentityError, InvalidInput, NotFound
from hanse_client.base.found import AttestationView
from hanse_client.base.identifiers import Id, parse_choice, parse_id
from hanse_client.base.objects import ObjectView, PartyView
from hanse_client.base.views import Receipt, RecordView, Refusal
from hanse_client.exchange.identifying import shown_identity
from hanse_client.exchange.listing import Sought, list_objects, walk_addressed
from hanse_client.exchange.once import submit_body, submit_opening
from hanse_client.exchange.ownparties import (
    acting_member,
    adopt_party,
    known_parties,
    own_party,
    remember_party,
    remember_request,
)
from hanse_client.exchange.reading import show, walk_records
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import after, draft_body, submit_drafts
from hanse_client.home.drafts import LONGEST_MS, Draft, draft
from hanse_client.home.enrolments import EnrolmentRequest
from hanse_client.home.identity import Identity
from hanse_client.home.openings import Opening, new_opening
from hanse_client.home.unsettled import without_chance
from hanse_client.resources.sharing.attesting import attest, attestations, identity_of
from hanse_client.resources.sharing.lookedat import LookedAt
from hanse_client.resources.sharing.partyreads import PartyRead, ReadsQuery, walk_reads
from hanse_ledger.kinds.party.bodies import (
    EnrolParty,
    MoveParty,
    PartyRole,
    ReinstateParty,
    SuspendParty,
)
from hanse_ledger.values.types import MemberId, Moment, PublicKey
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.membership import MemberKey

ENROLMENT_MS = 365 * DAY_MS
REQUEST_MS = LONGEST_MS
"""How long a request may be on its way: a week, but for what the clocks of its maker and of nodes may differ."""

EARLIER_MS = 5 * MINUTE_MS
"""How far before now an enrolment begins, so that a node whose clock is a little behind takes it as begun."""


class AsyncParties:
    """Parties: pseudonyms with a key, enrolled by a member. Reached as `client.parties`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def enrol(
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
        member = await acting_member(self._session)
        opening = new_opening(CommittedKind.IDENTITY, None, terms, name="identity", discoverable=False)
        body = _enrolment(party, (member, repair), roles, valid_until_ms, opening)
        until = 0 if valid_until_ms is None else valid_until_ms
        asked = replace(body, identity=without_chance(opening).terms, valid_from=0, valid_until=until)
        receipt = await submit_opening(self._session, body, asked, opening, (party,))
        noted = remember_party(self._session, party.public_key, receipt.object_id)
        return await after(self._session, receipt, "party-not-noted", noted)

    async def request_for(
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
        member, key = await acting_member(self._session), self._session.need_identity().public_key
        opening = new_opening(CommittedKind.IDENTITY, None, terms, name="identity", discoverable=False)
        body = _enrolment(party, (member, repair), roles, valid_until_ms, opening)
        ledger = (await self._session.trust()).ledger
        made = draft(body, ledger, (key, party.public_key), now_ms(), REQUEST_MS).sign(party)
        self._session.openings.keep(made.object_id, made.id, opening)
        return EnrolmentRequest(made, opening.terms, opening.seed)

    async def enrol_requests(self, requests: Sequence[EnrolmentRequest]) -> list[Receipt | Refusal]:
        """Countersign many requests and send them; one answer each, in order. Rule P-1.

        Look first at whom they show: the member vouches for each. A refusal of one hinders no other. What stands
        already is answered so: whoever was interrupted calls this again with the same requests.

        Raises as `submit_drafts` does; IdentityError where one is not made for the client's key, and nothing is sent.
        """
        identity = self._session.need_identity()
        drafts = [request.draft.sign(identity) for request in requests]
        self._session.sendings.repeatable([prepared.id for prepared in drafts])
        return await submit_drafts(self._session, drafts)

    async def prepare(
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
        identity = self._session.need_identity()
        key = await key_of(self._session, member)
        await self._need_free_key()
        opening = new_opening(CommittedKind.IDENTITY, None, terms, name="identity", discoverable=False)
        body = _enrolment(identity, (member, repair), roles, valid_until_ms, opening)
        prepared = await draft_body(self._session, body, (key,), REQUEST_MS)
        self._session.openings.keep(prepared.object_id, prepared.id, opening)
        await remember_request(self._session, identity.public_key, prepared.object_id)
        return prepared

    def opening(self, party: Id) -> Opening:
        """Give the opening of a party's identity, which lies in the home folder of who requested it.

        Raises:
            InvalidInput: there is none here.
        """
        return self._session.openings.find(parse_id(party, "party")).opening

    async def show_identity(self, party: Id) -> bytes:
        """Write the identity of one's own party for whom it trades with, checked against its enrolment.

        Raises:
            InvalidInput: its opening is not in this home folder.
        """
        return await shown_identity(self._session, parse_id(party, "party"), self.opening(party))

    async def _need_free_key(self) -> None:
        """Insist that no party has the identity's key: it is one party's, and a second enrolment would be refused."""
        for known in await known_parties(self._session):
            try:
                view = await show(self._session, known, PartyView)
            except NotFound:
                continue
            raise InvalidInput(
                f"The key {self._session.need_identity().fingerprint} is that of party {view.id.hex()}, {view.state}.",
                "Sign as that party, or make another key for another party: hanse key new.",
            )

    async def prepare_move(self, member: MemberId, *, repair: MemberId | None = None, party: Id | None = None) -> Draft:
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
        own = await own_party(self._session, party)
        links = (await show(self._session, own, PartyView)).links
        keys = [await key_of(self._session, member)]
        former = (await self._session.trust()).membership.member(links.member)
        if former is not None and not former.suspended and former.id != member:
            keys += [held.key for held in former.keys if _counts(held)][:1]
        return await draft_body(self._session, MoveParty(member=member, party=own, repair=repair), keys, REQUEST_MS)

    async def suspend(self, party: Id, reasons: Sequence[str]) -> Receipt:
        """Suspend a party until it is reinstated; the member with which it is signs. Rule P-6.

        Args:
            party: the party.
            reasons: codes of the member's own published list, 1 to 16 capital letters, digits and hyphens each.
        """
        return await submit_body(
            self._session, SuspendParty(party=parse_id(party, "party"), reasons=tuple(sorted(set(reasons))))
        )

    async def reinstate(self, party: Id) -> Receipt:
        """End a party's suspension; the member with which it is signs. Rule P-7."""
        return await submit_body(self._session, ReinstateParty(party=parse_id(party, "party")))

    async def attest(
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
        name = parse_id(party, "party")
        return await attest(
            self._session, name, examiner=examiner, day=day, terms=terms, looked_at=looked_at, shown=shown
        )

    async def identity(self, party: Id, shown: bytes | None = None) -> dict[str, str]:
        """Give a party's legal identity, verified against its enrolment, and keep it in the home folder.

        Args:
            party: the party.
            shown: its enrolment request, or what it has shown since (`show_identity`); by default what is kept here.

        Raises:
            InvalidInput: none is kept here, or it is not the one to which the enrolment commits.
        """
        return await identity_of(self._session, parse_id(party, "party"), shown)

    def attestations(self, party: Id) -> AsyncIterator[AttestationView]:
        """Walk over what members have attested of who a party is, newest first, each proven: see `AttestationView`."""
        return attestations(self._session, parse_id(party, "party"))

    async def adopt(self, party: Id) -> PartyView:
        """Note in the home folder that the client's key is this party's, after verifying that it is.

        Raises:
            IdentityError: the party's present key is another one.
        """
        return await adopt_party(self._session, await show(self._session, party, PartyView))

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[PartyView]:
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
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, PartyView, sought)

    def addressed(
        self,
        *,
        kind: str | None = None,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        own: Id | None = None,
    ) -> AsyncIterator[ObjectView]:
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
        return walk_addressed(self._session, kind, Sought(state=state, open=open), own=own)

    def reads(
        self,
        *,
        party: Id | None = None,
        everybody: bool = False,
        object_id: Id | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
        before: str | None = None,
    ) -> AsyncIterator[PartyRead]:
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
        return walk_reads(self._session, ReadsQuery(party, everybody, object_id, since_ms, until_ms, before))

    async def show(self, party: Id) -> PartyView:
        """Show a party as it stands, from a verified proof of its status."""
        return await show(self._session, party, PartyView)

    def records(self, party: Id) -> AsyncIterator[RecordView]:
        """Walk over a party's records, newest first, each proven and none left out."""
        return walk_records(self._session, party, PartyView)


async def key_of(session: Session, member: MemberId) -> PublicKey:
    """Give a key with which a member signs now, of the members as they are where they have changed."""
    trust = await session.trust()
    if trust.membership.member(member) is None:
        trust = await session.follow_members()
    enroller = trust.membership.member(member)
    if enroller is None:
        raise IdentityError(f"The trust file knows no member {member!r}.", "Check the member's name.")
    keys = [held.key for held in enroller.keys if _counts(held)]
    if not keys:
        raise IdentityError(f"No key of the member {member} counts now.", "Ask the member for its newest trust file.")
    return keys[0]


def _counts(held: MemberKey) -> bool:
    """Tell whether a member's key counts now."""
    return held.valid_from <= now_ms() < held.valid_until


def _enrolment(
    party: Identity,
    members: tuple[MemberId, MemberId | None],
    roles: Sequence[PartyRole | str],
    valid_until_ms: Moment | None,
    opening: Opening,
) -> EnrolParty:
    now = now_ms()
    return EnrolParty(
        encryption_key=party.encryption_key,
        identity=opening.terms_root(),
        key=party.public_key,
        member=members[0],
        repair=members[1],
        roles=tuple(sorted({parse_choice(PartyRole, role, "role") for role in roles})),
        valid_from=now - EARLIER_MS,
        valid_until=now + ENROLMENT_MS if valid_until_ms is None else valid_until_ms,
    )
