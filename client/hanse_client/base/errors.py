"""What can go wrong between a signer and a node, and who can act on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanse_ledger.values.patterns import in_words, plain

if TYPE_CHECKING:
    from hanse_client.base.views import AlikeInvoice, Receipt, Refusal
    from hanse_documents import Fault


class HanseError(Exception):
    """Base of every error that the SDK raises on purpose. `action` says what to do about it."""

    def __init__(self, message: str, action: str = "") -> None:
        # It may quote a node, a file or a name of another's, and somebody will print it.
        self.message, self.action = plain(in_words(message)), plain(action)
        super().__init__(f"{self.message} {self.action}".strip())
        self.answers: tuple[Receipt | Refusal | None, ...] = ()
        """Of `submit_many` and `submit_drafts`: what was answered all the same, in order; None where nothing was."""


class InvalidInput(HanseError):
    """An argument, or the record made of it, is not what a rule or a format asks for. The caller can act.

    `pointer` is a JSON pointer into the record where one is known.
    """

    def __init__(self, message: str, action: str = "", *, pointer: str = "") -> None:
        super().__init__(message, action)
        self.pointer = pointer


class NearDuplicate(InvalidInput):
    """An invoice looks like others that stand, which `alike` lists. Nothing was sent."""

    def __init__(self, alike: "tuple[AlikeInvoice, ...]") -> None:
        super().__init__(
            f"This invoice looks like {len(alike)} that {'stands' if len(alike) == 1 else 'stand'}: "
            f"{'; '.join(each.text() for each in alike)}. Nothing was sent.",
            "If it is another debt, say so: --again, or leave out unlike=True.",
        )
        self.alike = alike


class SetupError(HanseError):
    """Something on this machine must be set right: the home folder, the trust file, the token, the node's address."""


class WrongRelease(SetupError):
    """A file, a folder or a ledger of another release of Hanse, which the message names. Nothing in it is wrong."""


class IdentityError(HanseError):
    """A key file cannot be read or written, or the key is not one that can do this. Its owner can act."""


class DocumentError(HanseError):
    """A document cannot be used. Its maker, or whoever chose it, can act.

    `field` is a BT number or a path in the file; `seen` and `wanted` say what is wrong with it. `faults` are all that
    the reader found, these among them; of a document that was read there are none.
    """

    def __init__(
        self,
        message: str,
        action: str = "",
        *,
        field: str = "",
        seen: str = "",
        wanted: str = "",
        faults: Sequence["Fault"] = (),
    ) -> None:
        told = "; ".join(f"({place}) {fault}" for place, fault in enumerate(faults, 1))
        super().__init__(f"{message} {told}." if len(faults) > 1 else message, action)
        self.field, self.seen, self.wanted = field, seen, wanted
        self.heading, self.faults = message, tuple(faults)


class UnsupportedDocument(DocumentError):
    """A document of a format, or of a kind, that this release does not read. It may well be in order."""


class Refused(HanseError):
    """The node refused a request: the rules refuse the record, or the request is not one that it answers.

    A refusal is the node's word, which nothing proves; `refusal.source` says whose, and who else was asked. If it is
    true, nothing has changed; sending the same draft again finds out, and is harmless. `refusal` names the rule, the
    field, what was seen and what was wanted.
    """

    def __init__(self, refusal: "Refusal") -> None:
        source = f"{refusal.text()}, {refusal.source}." if refusal.source else refusal.text()
        super().__init__(source, refusal.suggested_action)
        self.refusal = refusal

    @property
    def code(self) -> str:
        """The reason: the value of a `Reason` of the ledger, or a code of the node's."""
        return self.refusal.code

    @property
    def rule(self) -> str:
        """The rule whose requirement was broken, such as `I-4`; empty where no rule was reached."""
        return self.refusal.rule

    @property
    def pointer(self) -> str:
        """A JSON pointer to the field, or nothing."""
        return self.refusal.pointer

    @property
    def seen(self) -> str:
        """What stands there."""
        return self.refusal.seen

    @property
    def wanted(self) -> str:
        """What should."""
        return self.refusal.wanted

    @property
    def user_message(self) -> str:
        """What is wrong, for a person."""
        return self.refusal.user_message

    @property
    def suggested_action(self) -> str:
        """What whoever can act should do."""
        return self.refusal.suggested_action


class NotFound(Refused):
    """The ledger does not have what was asked for, as far as this node says."""


class Unauthorized(Refused):
    """The node wants a token, or does not accept the one it got. Its operator hands them out."""


class NodeUnreachable(HanseError):
    """No answer came. A record that was sent may stand in the ledger or not; sending the same again finds out."""


class NodeBusy(NodeUnreachable):
    """The node takes nothing at the moment. Trying the same again later is harmless."""


class NodeFailed(NodeUnreachable):
    """The node says that it has failed. Its operator must act."""


class BadAnswer(HanseError):
    """A node said something that does not verify. Nobody should rely on it."""

    def __init__(
        self, message: str, action: str = "Do not rely on this node; ask another one, or its operator."
    ) -> None:
        super().__init__(message, action)


class LedgerChanged(BadAnswer):
    """The node at this address serves another ledger than the one that is trusted."""

    def __init__(self, served: str, trusted: str, what: str = "The node serves") -> None:
        """Name both ledgers, by their ids in hexadecimal."""
        super().__init__(
            f"{what} the ledger {served}; the trusted one is {trusted}.",
            "Check the address or folder, and the trust file; trust another ledger only knowingly.",
        )
        self.served, self.trusted = served, trusted


class StaleHead(BadAnswer):
    """The newest head that a node shows was signed too long ago: it may keep newer records back."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Check the clock of this machine; ask another node, or its operator.")


class WebhookRefused(HanseError):
    """What came to a webhook's receiver is not from its node, or not from now, or tells of another ledger."""


class SecurityAlarm(HanseError):
    """Signed evidence that a node, or a quorum, has gone back on what it said. Keep it and tell the members."""

    def __init__(self, message: str, *, remembered: bytes, seen: bytes) -> None:
        super().__init__(message, "Stop using this node, keep both checkpoints, and show them to the ledger's members.")
        self.remembered, self.seen = remembered, seen
        self.evidence: Path | None = None
        """The evidence file that was written, where the heads and a node's log suffice for one: see `hanse verify`."""

    def __str__(self) -> str:
        where = "" if self.evidence is None else f" The evidence is in {self.evidence}."
        return f"{super().__str__()}{where}"


class RollbackDetected(SecurityAlarm):
    """A node shows a smaller log than it has shown before. `remembered` and `seen` are the two signed notes."""


class ForkDetected(SecurityAlarm):
    """Two signed heads do not extend each other. `remembered` and `seen` are the two signed notes."""
