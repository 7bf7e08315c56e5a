"""How a reader refuses a document, and what it finds in one that it reads."""

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from msgspec import Struct

from hanse_ledger.values.errors import LedgerError, Malformed

SHOWN = 80
"""How many characters of a refused value an error repeats."""

FAULTS = 256
"""How many faults of one document are told one by one; how many more there are is told after them."""

ASK = "Ask whoever made the document for a corrected one."

Given = ParamSpec("Given")
Read = TypeVar("Read")


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong at one place of a document.

    `field` is a BT number, a path of ISO 20022 or a path in the file; `seen` is what stands there, on one line and
    shortened; `wanted` what should.
    """

    field: str
    seen: str
    wanted: str

    def __str__(self) -> str:
        """Write the fault on one line."""
        return f"{self.field}: {self.seen}; wanted: {self.wanted}"


def fault(field: str, *, seen: str, wanted: str) -> Fault:
    """Make a fault: what was seen becomes one line, and is cut where it is long."""
    line = " ".join(seen.split()) or "nothing"
    return Fault(field=field, seen=line if len(line) <= SHOWN else line[:SHOWN] + "…", wanted=wanted)


class DocumentError(Malformed):
    """A document of a known format that is not what its format asks for. Its maker must correct it.

    `faults` are all that were found, in the order of the reader; `field`, `seen` and `wanted` are those of the first,
    `action` says what to do.
    """

    def __init__(self, field: str, *, seen: str, wanted: str, action: str = "") -> None:
        self._tell((fault(field, seen=seen, wanted=wanted),), action)

    @classmethod
    def of(cls, faults: Sequence[Fault], action: str = "") -> "DocumentError":
        """Make the refusal that tells several faults, at least one."""
        error = cls.__new__(cls)
        cls._tell(error, tuple(faults), action)
        return error

    def _tell(self, faults: tuple[Fault, ...], action: str) -> None:
        first = faults[0]
        self.faults, self.action = faults, action or ASK
        self.field, self.seen, self.wanted = first.field, first.seen, first.wanted
        lines = "\n".join(f"{each}." for each in faults)
        super().__init__(f"{lines}{' ' if len(faults) == 1 else chr(10)}{self.action}", pointer=first.field)


class UnsupportedFormat(LedgerError):
    """A file that may well be in order, in a format or of a kind that this release does not read."""

    def __init__(self, seen: str, *, action: str) -> None:
        super().__init__(f"{seen}. {action}")
        self.seen, self.action = seen, action


class Examiner:
    """Collects what is wrong with one document, so that a refusal tells everything at once.

    `faults` keep the document from being read. `findings` do not: they are told beside it.
    """

    def __init__(self, *, one_a_field: bool = False) -> None:
        """Begin with nothing found.

        Args:
            one_a_field: tell the first fault of each field alone, where what follows may come of it.
        """
        self._one_a_field = one_a_field
        self.faults: list[Fault] = []
        self.findings: list[Fault] = []
        self._action = ""

    def refuse(self, field: str, *, seen: str, wanted: str) -> None:
        """Note a fault."""
        self.faults.append(fault(field, seen=seen, wanted=wanted))

    def find(self, field: str, *, seen: str, wanted: str) -> None:
        """Note a finding."""
        self.findings.append(fault(field, seen=seen, wanted=wanted))

    def attempt(
        self, instead: Read, read: Callable[Given, Read], *arguments: Given.args, **named: Given.kwargs
    ) -> Read:
        """Read a value; where it is refused note why, and go on with another one that nobody will see."""
        try:
            return read(*arguments, **named)
        except DocumentError as error:
            self.faults.extend(error.faults)
            if error.action != ASK:
                self._action = self._action or error.action
            return instead

    def check(self, verify: Callable[Given, None], *arguments: Given.args, **named: Given.kwargs) -> None:
        """Judge a value that can be read all the same: what is wrong with it is a finding."""
        try:
            verify(*arguments, **named)
        except DocumentError as error:
            self.findings.extend(error.faults)

    def finish(self) -> tuple[Fault, ...]:
        """Give the findings, each once. Raises DocumentError, with every fault, if there are any."""
        if self.faults:
            faults = list(dict.fromkeys(self.faults))
            if self._one_a_field:
                faults = list({each.field: each for each in reversed(faults)}.values())[::-1]
            raise DocumentError.of(_bounded(faults), self._action)
        return _bounded(list(dict.fromkeys(self.findings)))


def _bounded(told: list[Fault]) -> tuple[Fault, ...]:
    if len(told) <= FAULTS:
        return tuple(told)
    return (*told[:FAULTS], Fault(field="…", seen=f"{len(told) - FAULTS} more", wanted="these corrected first"))
