"""Parties and their keys: enrol, move, show, list; rotate, revoke."""

from collections.abc import AsyncIterator, Mapping, Sequence

from msgspec.structs import replace

from hanse_client.base.clock import DAY_MS, MINUTE_MS, now_ms
from hanse_client.base.errors import IdentityError, InvalidInput, NotFound
from hanse_client.base.identifiers import Id, parse_choice, parse_id, parse_key
from hanse_client.base.objects import PartyView
from hanse_client.base.views import Receipt, RecordView
from hanse_client.exchange.once import submit_body, submit_opening
from hanse_client.exchange.ownparties import adopt_party, known_parties, own_party, remember_party, remember_request
from hanse_client.exchange.reading import show, walk_records
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import after, draft_body
from hanse_client.home.drafts import Draft
from hanse_client.home.identity import Identity
from hanse_client.home.openings import Opening, new_opening
from hanse_client.home.unsettled import without_chance
from hanse_ledger.kinds.party.bodies import EnrolParty, KeyRevocation, MoveParty, PartyRole, RevokeKey, RotateKey
from hanse_ledger.values import limits
from hanse_ledger.values.types import MemberId, Moment, PublicKey
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.membership import MemberKey

ENROLMENT_MS = 365 * DAY_MS
REQUEST_MS = limits.EXPIRY_MS - 10 * MINUTE_MS
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
        member = await self._session.own_member()
        opening = new_opening(CommittedKind.IDENTITY, None, terms, name="identity", discoverable=False)
        body = _enrolment(party, member, roles, valid_until_ms, opening)
        until = 0 if valid_until_ms is None else valid_until_ms
        asked = replace(body, identity=without_chance(opening).terms, valid_from=0, valid_until=until)
        receipt = await submit_opening(self._session, body, asked, opening, (party,))
        noted = remember_party(self._session, party.public_key, receipt.object_id)
        return await after(self._session, receipt, "party-not-noted", noted)

    async def prepare(
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
        identity = self._session.need_identity()
        key = await self._key_of(member)
        await self._need_free_key()
        opening = new_opening(CommittedKind.IDENTITY, None, terms, name="identity", discoverable=False)
        body = _enrolment(identity, member, roles, valid_until_ms, opening)
        draft = await draft_body(self._session, body, (key,), REQUEST_MS)
        self._session.openings.keep(draft.object_id, draft.id, opening)
        await remember_request(self._session, identity.public_key, draft.object_id)
        return draft

    def opening(self, party: Id) -> Opening:
        """Give the opening of a party's identity, which lies in the home folder of who requested it.

        Raises:
            InvalidInput: there is none here.
        """
        return self._session.openings.find(parse_id(party, "party")).opening

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

    async def prepare_move(self, member: MemberId, *, party: Id | None = None) -> Draft:
        """Prepare the move of one's own party to another member, and sign it. Rule P-5.

        Hand `draft.to_json()` to that member. Its present member signs too, unless it has left, is suspended or has no
        key: who signs last calls `submit_draft`, who signs before only `Draft.sign`.

        Args:
            member: the member that takes the party over.
            party: the party, where the home folder does not know it.

        Raises:
            IdentityError: no such member is known, or none of its keys counts now.
        """
        own = await own_party(self._session, party)
        links = (await show(self._session, own, PartyView)).links
        keys = [await self._key_of(member)]
        former = (await self._session.trust()).membership.member(links.member)
        if former is not None and not former.suspended and former.id != member:
            keys += [held.key for held in former.keys if _counts(held)][:1]
        return await draft_body(self._session, MoveParty(member=member, party=own), keys, REQUEST_MS)

    async def adopt(self, party: Id) -> PartyView:
        """Note in the home folder that the client's key is this party's, after verifying that it is.

        Raises:
            IdentityError: the party's present key is another one.
        """
        return await adopt_party(self._session, await show(self._session, party, PartyView))

    async def show(self, party: Id) -> PartyView:
        """Show a party as it stands, from a verified proof of its status."""
        return await show(self._session, party, PartyView)

    def records(self, party: Id) -> AsyncIterator[RecordView]:
        """Walk over a party's records, newest first, each proven and none left out."""
        return walk_records(self._session, party, PartyView)

    async def _key_of(self, member: MemberId) -> PublicKey:
        """Give a key with which a member signs now, of the members as they are where they have changed."""
        trust = await self._session.trust()
        if trust.membership.member(member) is None:
            trust = await self._session.follow_members()
        found = trust.membership.member(member)
        if found is None:
            raise IdentityError(f"The trust file knows no member {member!r}.", "Check the member's name.")
        keys = [held.key for held in found.keys if _counts(held)]
        if not keys:
            raise IdentityError(
                f"No key of the member {member} counts now.", "Ask the member for its newest trust file."
            )
        return keys[0]


class AsyncKeys:
    """The keys of parties. Reached as `client.keys`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def rotate(self, new: Identity, *, party: Id | None = None) -> Receipt:
        """Replace the client's key with a new one; both sign. Rule P-2.

        From then on the new identity signs: make the next client with it.

        Args:
            new: the new identity. Its encryption key is not enrolled: a rotation replaces the signing key alone.
            party: the party, where the home folder does not know it.
        """
        own = await own_party(self._session, party)
        receipt = await submit_body(self._session, RotateKey(new_key=new.public_key, party=own), (new,))
        noted = remember_party(self._session, new.public_key, own)
        return await after(self._session, receipt, "party-not-noted", noted)

    async def revoke(
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
        body = RevokeKey(
            compromised_since=compromised_since_ms,
            key=parse_key(key),
            party=await own_party(self._session, party),
            reason=parse_choice(KeyRevocation, reason, "reason"),
        )
        return await submit_body(self._session, body)


def _counts(held: MemberKey) -> bool:
    """Tell whether a member's key counts now."""
    return held.valid_from <= now_ms() < held.valid_until


def _enrolment(
    party: Identity,
    member: MemberId,
    roles: Sequence[PartyRole | str],
    valid_until_ms: Moment | None,
    opening: Opening,
) -> EnrolParty:
    now = now_ms()
    return EnrolParty(
        encryption_key=party.encryption_key,
        identity=opening.terms_root(),
        key=party.public_key,
        member=member,
        roles=tuple(sorted({parse_choice(PartyRole, role, "role") for role in roles})),
        valid_from=now - EARLIER_MS,
        valid_until=now + ENROLMENT_MS if valid_until_ms is None else valid_until_ms,
    )
