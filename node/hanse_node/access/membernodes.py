"""Whose nodes may ask this one: the members' in force, as the ledger says now, and whom its operator has named.

Having had a right is none: who was a member and is not any more may read only where the operator names him an observer.
"""

from collections.abc import Callable, Collection

from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.types import MemberId
from hanse_ledger.wire.membership import Membership
from hanse_node.access.caller import CallerKind


class MemberNodes:
    """Judges members' names. Any thread may ask, at each request."""

    def __init__(
        self,
        present: Callable[[], Membership],
        history: Callable[[], TrustFile],
        observers: Callable[[], Collection[MemberId]] = tuple,
    ) -> None:
        """Prepare to judge.

        Args:
            present: gives the members in force after the newest committed block.
            history: gives all that are known to have been, which may take a look into the database.
            observers: gives those who may read without being members, as the operator has named them.
        """
        self._present, self._history, self._observers = present, history, observers
        self._former: tuple[int, frozenset[MemberId]] = (-1, frozenset())

    def kind(self, name: MemberId) -> CallerKind | None:
        """Say as what somebody's node may ask; nil where it may not.

        A name that was never a member's is a newcomer's, whose authority the operator has put there: it must be able
        to follow before it can be admitted.
        """
        if self._present().member(name) is not None:
            return CallerKind.MEMBER
        if name in self._observers() or name not in self._was():
            return CallerKind.OBSERVER
        return None

    def may(self, name: MemberId) -> bool:
        """Tell whether somebody's node may ask, and may be asked."""
        return self.kind(name) is not None

    def _was(self) -> frozenset[MemberId]:
        """Give who has ever been a member with a node; read once an epoch."""
        epoch = self._present().epoch
        if self._former[0] != epoch:
            self._former = (epoch, frozenset(name for name, _ in self._history().validators()))
        return self._former[1]
