"""How far the cells of a sheet reach: a reader of workbooks unfolds all that lies between the first and the last."""

from typing import NoReturn

from msgspec import Struct

from hanse_documents.model.errors import DocumentError

SPLIT = "Clear what lies far off, or split the sheet."
PERCENT = "a number that is shown as a percentage"
AS_MEANT = "a number as it is meant, such as 21 for 21 %"
FORM = "Type the number alone, and give its cells the form of a number."
SHOW = "Show it and look at it, or delete it."


class Bounds(Struct, frozen=True, kw_only=True):
    """How many rows and columns a sheet may have, and how many cells in all, the empty ones between others too."""

    rows: int
    columns: int
    cells: int


class Extent:
    """What of a sheet was seen so far. Columns and rows are counted from 1."""

    def __init__(self, name: str, bounds: Bounds) -> None:
        """Begin with an empty sheet; `name` is how messages call the file."""
        self._name, self._bounds = name, bounds
        self._rows = self._columns = 0

    @property
    def cells(self) -> int:
        """How many cells lie between the first and the last, the empty ones too."""
        return self._rows * self._columns

    def reach(self, row: int, column: int) -> None:
        """See a cell that holds something. Raises DocumentError where the sheet is too large by it."""
        self._rows, self._columns = max(self._rows, row), max(self._columns, column)
        bounds = self._bounds
        if self._rows > bounds.rows:
            raise DocumentError(self._name, seen=f"more than {bounds.rows:,} rows", wanted="fewer", action=SPLIT)
        if self._columns > bounds.columns:
            where = f"{self._name}, row {row}, column {column:,}"
            wanted = f"nothing beyond column {bounds.columns}"
            raise DocumentError(where, seen="a cell that is not empty", wanted=wanted, action=SPLIT)
        if self.cells > bounds.cells:
            seen = f"{self._rows:,} rows of {self._columns:,} columns"
            raise DocumentError(self._name, seen=seen, wanted=f"at most {bounds.cells:,} cells", action=SPLIT)

    def refuse_hidden(self, row: int) -> NoReturn:
        """Refuse a row that holds something and is hidden: nobody registers what nobody sees. Raises DocumentError."""
        raise DocumentError(f"{self._name}, row {row}", seen="a hidden row", wanted="rows that are shown", action=SHOW)

    def refuse_percentage(self, row: int) -> NoReturn:
        """Refuse a number that is shown as another one. Raises DocumentError."""
        raise DocumentError(f"{self._name}, row {row}", seen=PERCENT, wanted=AS_MEANT, action=FORM)

    def refuse_place(self, text: str) -> NoReturn:
        """Refuse a reference that no sheet has: where it leads a reader of workbooks may see otherwise."""
        raise DocumentError(self._name, seen=text, wanted="a cell's reference, such as B2, or a row's number")
