"""How a reader refuses a document, and what it finds in one that it reads."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import ParamSpec, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.values.errors import LedgerError, Malformed

SHOWN = 80
"""How many characters of a refused value an error repeats."""

FAULTS = 256
"""How many faults of one document are told one by one; how many more there are is told after them."""

ASK = "Ask whoever made the document for a corrected one."

Given = ParamSpec("Given")
Read = TypeVar("Read")


class FaultWeight(StrEnum):
    """What a fault is worth: a fatal one makes its document invalid, a warning does not, a note is no fault at all."""

    FATAL = "fatal"
    WARNING = "warning"
    NOTE = "note"


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong at one place of a document.

    `field` is a BT number, a path of ISO 20022 or a path in the file; `seen` is what stands there, on one line and
    shortened; `wanted` what should. `id` names the rule that it breaks where that has a name, such as BR-CO-10.
    """

    field: str
    seen: str
    wanted: str
    id: str = ""
    weight: FaultWeight = FaultWeight.FATAL

    @property
    def message(self) -> str:
        """Say what is wrong without saying where."""
        return f"{self.seen}; wanted: {self.wanted}" if self.seen else self.wanted

    def __str__(self) -> str:
        """Write the fault on one line."""
        rule = f" ({self.id})" if self.id and self.id not in self.message else ""
        return f"{self.field}: {self.message}{rule}"


def fault(field: str, *, seen: str, wanted: str, rule: str = "", weight: FaultWeight = FaultWeight.FATAL) -> Fault:
    """Make a fault: what was seen becomes one line, and is cut where it is long."""
    line = " ".join(seen.split()) or "nothing"
    shown = line if len(line) <= SHOWN else line[:SHOWN] + "…"
    return Fault(field=field, seen=shown, wanted=wanted, id=rule, weight=weight)


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


class ReaderMissing(UnsupportedFormat):
    """A format that this release reads, where what reads it is not installed: nobody has looked at the file."""


class Examiner:
    """Collects what is wrong with one document, so that a refusal tells everything at once.

    `faults` keep the document from being read. `findings` do not: they are told beside it, whatever they weigh.
    """

    def __init__(self, *, one_a_field: bool = False) -> None:
        """Begin with nothing found.

        Args:
            one_a_field: tell the first fault of each field alone, where what follows may come of it.
        """
        self._one_a_field = one_a_field
        self.faults: list[Fault] = []
        self.findings: list[Fault] = []
        self._fatal: list[Fault] = []  # of both, in the order in which they were found
        self._action = ""

    def refuse(self, field: str, *, seen: str, wanted: str) -> None:
        """Note a fault."""
        self._refuse((fault(field, seen=seen, wanted=wanted),))

    def find(
        self, field: str, *, seen: str, wanted: str, rule: str = "", weight: FaultWeight = FaultWeight.WARNING
    ) -> None:
        """Note a finding."""
        self._find((fault(field, seen=seen, wanted=wanted, rule=rule, weight=weight),))

    def attempt(
        self, instead: Read, read: Callable[Given, Read], *arguments: Given.args, **named: Given.kwargs
    ) -> Read:
        """Read a value; where it is refused note why, and go on with another one that nobody will see."""
        try:
            return read(*arguments, **named)
        except DocumentError as error:
            self._refuse(error.faults, error.action)
            return instead

    def check(self, verify: Callable[Given, None], *arguments: Given.args, **named: Given.kwargs) -> None:
        """Judge a value that can be read all the same: what is wrong with it is a finding."""
        try:
            verify(*arguments, **named)
        except DocumentError as error:
            self._find(tuple(replace(each, weight=FaultWeight.WARNING) for each in error.faults))

    def judge(self, rule: str, verify: Callable[Given, None], *arguments: Given.args, **named: Given.kwargs) -> None:
        """Judge by a rule that has a name: what breaks it is fatal, and the document is read all the same."""
        try:
            verify(*arguments, **named)
        except DocumentError as error:
            self._find(tuple(replace(each, id=rule) for each in error.faults))
            self._act(error.action)

    def demand(self, rule: str, verify: Callable[Given, None], *arguments: Given.args, **named: Given.kwargs) -> None:
        """Judge by a rule without which no document can be made: what breaks it is a fault."""
        try:
            verify(*arguments, **named)
        except DocumentError as error:
            self._refuse(tuple(replace(each, id=rule) for each in error.faults), error.action)

    def _refuse(self, faults: tuple[Fault, ...], action: str = ASK) -> None:
        self.faults.extend(faults)
        self._fatal.extend(faults)
        self._act(action)

    def _find(self, findings: tuple[Fault, ...]) -> None:
        self.findings.extend(findings)
        self._fatal.extend(each for each in findings if each.weight is FaultWeight.FATAL)

    def _act(self, action: str) -> None:
        if action != ASK:
            self._action = self._action or action

    def finish(self) -> tuple[Fault, ...]:
        """Give the findings, each once. Raises DocumentError, with all that is fatal, if there are faults."""
        if self.faults:
            faults = list(dict.fromkeys(self._fatal))
            if self._one_a_field:
                faults = list({fault.field: fault for fault in reversed(faults)}.values())[::-1]
            raise DocumentError.of(_bounded(faults), self._action)
        return _bounded(list(dict.fromkeys(self.findings)))


def _bounded(told: list[Fault]) -> tuple[Fault, ...]:
    if len(told) <= FAULTS:
        return tuple(told)
    return (*told[:FAULTS], Fault(field="…", seen=f"{len(told) - FAULTS} more", wanted="these corrected first"))
