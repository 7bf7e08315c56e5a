"""What can go wrong on the command line itself, beside what the SDK raises."""

from hanse_client.errors import HanseError, InvalidInput, SetupError


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

    def __init__(self, reason: str) -> None:
        super().__init__(f"The answer cannot be written: {reason}.", "Make room, and run the command again.")


class RestoreRefused(HanseError):
    """What should be restored could lead a node to contradict what it has signed. Nothing has changed."""


class CannotAudit(HanseError):
    """A stored ledger cannot be read, so that nothing is known of it, good or bad."""
