"""Keys of parties: rotate, revoke, repair, take, contest; and whether one counts now."""

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput, NotFound
from hanse_client.base.identifiers import Id, parse_choice, parse_id, parse_key
from hanse_client.base.objects import ObjectView, OfficeView, PartyView
from hanse_client.base.views import KeyStanding, Receipt
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.ownparties import own_party, remember_party
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import after, draft_body
from hanse_client.home.drafts import Draft
from hanse_client.home.identity import Identity
from hanse_client.resources.parties import REQUEST_MS, key_of
from hanse_ledger.kinds.party.bodies import ContestRepair, KeyRevocation, RepairKey, RevokeKey, RotateKey, TakeKey
from hanse_ledger.values.types import Moment, PublicKey


class AsyncKeys:
    """The keys of parties. Reached as `client.keys`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def rotate(self, new: Identity, *, party: Id | None = None) -> Receipt:
        """Replace the client's key with a new one; both sign. Rule P-2.

        From then on the new identity signs, and what is meant for the party is encrypted to it: make the next client
        with it, and keep the old identity for what was encrypted to that.

        Args:
            new: the new identity.
            party: the party, where the home folder does not know it.
        """
        own = await own_party(self._session, party)
        body = RotateKey(encryption_key=new.encryption_key, new_key=new.public_key, party=own)
        receipt = await submit_body(self._session, body, (new,))
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

    async def prepare_repair(self, new_key: PublicKey | str, party: Id) -> Draft:
        """Prepare the repair of a lost key, as the member with which the party is, and sign it. Rule P-8.

        Look first at who asks: whoever has the new key is the party in a week. Hand `draft.to_json()` to the second
        member, which looks too and calls `submit_draft`. Until the new key takes its place the old one signs as ever,
        and may contest.

        Args:
            new_key: the key that shall follow, 33 bytes or 66 hexadecimal digits: the party's own, newly made.
            party: the party.

        Raises:
            InvalidInput: the party has agreed to no repair.
            IdentityError: no key of the second member counts now.
        """
        view = await show(self._session, party, PartyView)
        if view.links.repair is None:
            raise InvalidInput(
                f"Party {view.id.hex()} has agreed to no repair of its key.",
                "Have it enrolled anew under a new key: hanse party request.",
            )
        key = await key_of(self._session, view.links.repair)
        return await draft_body(self._session, RepairKey(new_key=parse_key(new_key), party=view.id), (key,), REQUEST_MS)

    async def take(self, party: Id) -> Receipt:
        """Put the client's key in the place of a party's lost one, a week after its repair was opened. Rule P-9.

        From then on the client's identity signs, and what is meant for the party is encrypted to it. Every verdict
        over what it signs says who had the key replaced, and when.

        Args:
            party: the party, as its members name it.
        """
        identity, own = self._session.need_identity(), parse_id(party, "party")
        body = TakeKey(encryption_key=identity.encryption_key, new_key=identity.public_key, party=own)
        receipt = await submit_body(self._session, body)
        noted = remember_party(self._session, identity.public_key, own)
        return await after(self._session, receipt, "party-not-noted", noted)

    async def standing(self, key: PublicKey | str) -> KeyStanding:
        """Find out whether a key is the one that the ledger has now, for whom the home folder knows it to be.

        A member's keys are looked up among the members, a party's and an officer's in the proven state of what the home
        folder has noted for the key: `parties.adopt` and `offices.adopt` note it.

        Args:
            key: the key, 33 bytes or 66 hexadecimal digits.
        """
        public = parse_key(key)
        held = (await self._session.follow_members()).membership.holder(public)
        if held is not None:
            now = held[1].valid_from <= now_ms() < held[1].valid_until
            return KeyStanding(key=public, holder=f"member {held[0].id}", stands=now)
        found = KeyStanding(key=public, holder="", stands=None)
        for name in self._session.knowledge.parties(await self._session.trust(), public):
            try:
                view = await show(self._session, name, ObjectView)
            except NotFound:
                continue  # it was requested, and never granted
            if isinstance(view, PartyView):
                stands = view.key.key == public
                found = KeyStanding(key=public, holder=f"party {name.hex()}", stands=stands)
            elif isinstance(view, OfficeView):
                stands = any(officer.key == public for officer in view.officers)
                found = KeyStanding(key=public, holder=f"office {name.hex()}", stands=stands)
            if found.stands:
                break
        return found

    async def contest(self, *, party: Id | None = None) -> Receipt:
        """End an open repair with the key that is not lost; the party signs. Rule P-10.

        Args:
            party: the party, where the home folder does not know it.
        """
        return await submit_body(self._session, ContestRepair(party=await own_party(self._session, party)))
