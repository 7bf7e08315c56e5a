"""Keys of parties, for callers that block.

Written from `hanse_client.resources.keys` by `python -m tests.blocking_twins`; a test compares.
"""

from hanse_client.base.identifiers import Id
from hanse_client.base.portal import Portal
from hanse_client.base.views import KeyStanding, Receipt
from hanse_client.home.drafts import Draft
from hanse_client.home.identity import Identity
from hanse_client.resources.keys import AsyncKeys
from hanse_ledger.kinds.party.bodies import KeyRevocation
from hanse_ledger.values.types import Moment, PublicKey


class Keys:
    """The keys of parties. Reached as `client.keys`."""

    def __init__(self, portal: Portal, calls: AsyncKeys) -> None:
        self._portal, self._calls = portal, calls

    def rotate(self, new: Identity, *, party: Id | None = None) -> Receipt:
        """Replace the client's key with a new one; both sign. Rule P-2.

        From then on the new identity signs, and what is meant for the party is encrypted to it: make the next client
        with it, and keep the old identity for what was encrypted to that.

        Args:
            new: the new identity.
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

    def prepare_repair(self, new_key: PublicKey | str, party: Id) -> Draft:
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
        return self._portal.run(self._calls.prepare_repair, new_key, party)

    def take(self, party: Id) -> Receipt:
        """Put the client's key in the place of a party's lost one, a week after its repair was opened. Rule P-9.

        From then on the client's identity signs, and what is meant for the party is encrypted to it. Every verdict
        over what it signs says who had the key replaced, and when.

        Args:
            party: the party, as its members name it.
        """
        return self._portal.run(self._calls.take, party)

    def standing(self, key: PublicKey | str) -> KeyStanding:
        """Find out whether a key is the one that the ledger has now, for whom the home folder knows it to be.

        A member's keys are looked up among the members, a party's and an officer's in the proven state of what the home
        folder has noted for the key: `parties.adopt` and `offices.adopt` note it.

        Args:
            key: the key, 33 bytes or 66 hexadecimal digits.
        """
        return self._portal.run(self._calls.standing, key)

    def contest(self, *, party: Id | None = None) -> Receipt:
        """End an open repair with the key that is not lost; the party signs. Rule P-10.

        Args:
            party: the party, where the home folder does not know it.
        """
        return self._portal.run(self._calls.contest, party=party)
