"""What can go wrong on the command line itself, beside what the SDK raises."""

from typing import TYPE_CHECKING

from hanse_client.base.errors import HanseError, InvalidInput, SetupError
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_client.base.views import Unsettled


class WouldOverwrite(InvalidInput):
    """The command would replace a file that is there, and was not told to."""

    def __init__(self, path: object, action: str = "Give --force to replace it, or name another.") -> None:
        super().__init__(f"{path} is there already.", action)


class MissingExtra(SetupError):
    """The command needs a part of Hanse that is not installed."""

    def __init__(self, extra: str, missing: str) -> None:
        super().__init__(f"This command needs {missing}, which is not installed.", f"Run: pip install 'hanse[{extra}]'")
        self.extra = extra


class AuditFailed(HanseError):
    """A stored ledger is not what its own entries lead to. Nobody should rely on it."""


class OutputFailed(HanseError):
    """What the command has to say cannot be written. What it has done stands."""

    def __init__(self, reason: str, action: str = "Make room, and run the command again.") -> None:
        super().__init__(f"The answer cannot be written: {reason}.", action)
        self.reason = reason


class RestoreRefused(HanseError):
    """What should be restored could lead a node to contradict what it has signed. Nothing has changed."""


class CannotAudit(HanseError):
    """A stored ledger cannot be read, so that nothing is known of it, good or bad."""


class Ended(KeyboardInterrupt):
    """A signal ends the program."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class UnderWay(Exception):
    """A command ended while what became of its records was not known. `why` is what ended it."""

    def __init__(self, why: BaseException, records: "tuple[Unsettled, ...]") -> None:
        super().__init__(*why.args)
        self.why, self.records = why, records

    def lines(self) -> list[str]:
        """Say of each record whether it stands, and what to do."""
        return [_unsettled(record) for record in self.records]


def _unsettled(record: "Unsettled") -> str:
    """Say in one line whether a record stands, as far as is known, and what to do."""
    name = f"{record.kind} {record.record_id.hex()}"
    if record.position is not None:
        return f"{name} stands at position {record.position}: do not run the command again. Look at it: {_look(record)}"
    doubt = f"{name} was sent, and may stand in the ledger, or come to stand until {moment_words(record.expires_ms)}."
    if record.repeatable:
        return f"{doubt} Run the same command again: it sends the same record, which cannot stand twice."
    return (
        f"{doubt} The home folder does not keep it, so that the same command may send another. Do not run it again "
        f"before you have looked: {_look(record)}"
    )


def _look(record: "Unsettled") -> str:
    """Name the command that shows what a record is about."""
    noun = record.kind.partition(".")[0]
    match noun:
        case "member" | "evidence":
            return "hanse member show"
        case "key":
            return f"hanse party show {record.object_id.hex()}"
        case _:
            return f"hanse {noun} show {record.object_id.hex()}"
