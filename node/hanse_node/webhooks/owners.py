"""Whose a webhook is, and as whom it therefore listens: it tells nobody what its owner may not read.

An owner stands in the hook's row as `operator`, `token NAME`, `member NAME` or `party ID`. Whether he may listen is
asked before each delivery, and by the same rules by which his requests are judged.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from hanse_ledger.kinds.party.state import Party
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.types import Moment, ObjectId, PublicKey
from hanse_ledger.wire.membership import Membership
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.queries.readers.keyowners import owner_of_key
from hanse_node.signing.tokens import Scope, TokenBook
from hanse_node.store.reads import Reads, standing_head

OPERATOR = "operator"
"""The owner of a webhook that is the node's own: whoever has its folder reads everything that is in it."""

TOKEN, MEMBER, PARTY = "token ", "member ", "party "
"""What the names of other owners begin with."""

Listening = tuple[Caller, str]
"""As whom a webhook listens, and why it may not, for now: nothing where it may."""


def party_owner(party: ObjectId) -> str:
    """Name a party as an owner."""
    return PARTY + party.hex()


class Owners:
    """Says as whom webhooks listen. Any thread may ask; it may read the database."""

    def __init__(
        self,
        tokens: TokenBook | None,
        reading: Callable[[], AbstractContextManager[Reads]],
        clock: Callable[[], Moment],
    ) -> None:
        """Prepare.

        Args:
            tokens: the node's; nil where it asks for none.
            reading: shows the committed ledger.
            clock: the present in milliseconds since 1970.
        """
        self._tokens, self._reading, self._clock = tokens, reading, clock

    def listening(self, owner: str) -> Listening:
        """Say as whom an owner's webhooks listen, and why they may not. Raises StoreFailed."""
        if owner == OPERATOR:
            return ITSELF, ""
        if owner.startswith(TOKEN):
            return self._token(owner.removeprefix(TOKEN))
        with self._reading() as reads:
            if owner.startswith(MEMBER):
                return self._member(reads, owner.removeprefix(MEMBER))
            return self._party(reads, owner.removeprefix(PARTY))

    def _token(self, name: str) -> Listening:
        caller = Caller(CallerKind.TOKEN, name)
        token = (
            None if self._tokens is None else next((each for each in self._tokens.tokens if each.name == name), None)
        )
        if token is None or self._tokens is None:
            return caller, f"there is no token {name}"
        if self._tokens.ended(token):
            return caller, f"the token {name} has ended"
        if Scope.READ not in token.scopes:
            return caller, f"the token {name} does not open {Scope.READ.value}"
        return caller, ""

    def _member(self, reads: Reads, name: str) -> Listening:
        """A member listens while one of its keys signs."""
        membership = standing_head(reads).membership
        nobody = Caller(CallerKind.MEMBER_KEY, name, member=name)
        member = membership.member(name)
        if member is None:
            return nobody, f"there is no member {name}"
        judged = [self._judged(reads, membership, each.key, nobody) for each in member.keys]
        return next((each for each in judged if not each[1]), judged[0])

    def _party(self, reads: Reads, name: str) -> Listening:
        """A party listens while its present key signs."""
        party = bytes.fromhex(name)
        nobody = Caller(CallerKind.PARTY, name, object_id=party)
        found = reads.object(party)
        if found is None or not isinstance(found[1], Party):
            return nobody, f"there is no party {name}"
        key = found[1].key.key
        if key is None:
            return nobody, "the party's key was revoked"
        return self._judged(reads, standing_head(reads).membership, key, nobody)

    def _judged(self, reads: Reads, membership: Membership, key: PublicKey, nobody: Caller) -> Listening:
        try:
            return owner_of_key(reads, membership, key, self._clock()), ""
        except Rejected as error:
            return nobody, f"{error.reason.message.rstrip('.')} ({error.reason.value})"
