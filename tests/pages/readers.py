"""Whose each kind of object is, and what others read of it: for docs/privacy.md, from the rows that a node asks."""

from collections.abc import Iterator

from hanse_ledger.kinds import OBJECTS
from hanse_node.queries.readers.rights import TOLD, WHOLLY_TOLD


class Place(str):
    """A place in an object, as the row asks for it: what is asked of it is a place too, and it has one item, itself."""

    __slots__ = ()

    def __getattr__(self, name: str) -> "Place":
        return Place(f"{self}.{name}" if self else name)

    def __iter__(self) -> Iterator["Place"]:
        yield self


def readers() -> str:
    """Write the table: a row for each kind of object."""
    rows = ["| Object | Whose it is | To every other party |", "| --- | --- | --- |"]
    for row in OBJECTS:
        places = [str(place).partition(".")[2] or str(place) for place in row.listed.whose(Place())]
        others = "how it stands, and what made it so" if row.name in TOLD else "nothing"
        others = "all but its inbox" if row.name in WHOLLY_TOLD else others
        rows.append(f"| {row.name} | {', '.join(f'`{place}`' for place in places)} | {others} |")
    return "\n".join(rows)
