"""What stands in the state of a consignment."""

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import MemberId, ObjectId, Ucr


class ConsignmentItems(Value, frozen=True, kw_only=True):
    """How much was put in: what it is, and by whom, the records of the history say."""

    items: int


class ConsignmentLinks(Value, frozen=True, kw_only=True):
    """Who opened it, and the reference under which it did."""

    opener: ObjectId
    ucr: Ucr


class ConsignmentWriters(Value, frozen=True, kw_only=True):
    """Who may put something in beside the opener: members and parties, each in order."""

    members: tuple[MemberId, ...]
    parties: tuple[ObjectId, ...]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.members) + len(self.parties)


class Consignment(Object, frozen=True, kw_only=True, gc=False, tag="consignment"):
    """The folder of one movement of goods: its history is what is in it."""

    contents: ConsignmentItems
    history: History
    links: ConsignmentLinks
    writers: ConsignmentWriters
