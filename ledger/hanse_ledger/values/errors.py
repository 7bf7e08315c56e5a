"""What can be wrong, and who can act on it.

A refusal is an answer: it names the reason, where it lies, what was seen and what was wanted.
Our own bugs are `assert` or `RuntimeError`, and nobody catches them.
"""

import msgspec

from hanse_ledger.values.messages import Said, said, shortened, unsaid
from hanse_ledger.values.patterns import in_words, one_line
from hanse_ledger.values.reasons import Reason

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises over bytes of others: of another form or type, no UTF-8, or deeper than anything may be."""


class LedgerError(Exception):
    """Base of every error that the ledger raises on purpose. Its words may quote a file, and act on no reader.

    `said` is what is wrong, for any language; words alone are nobody's to translate.
    """

    def __init__(self, detail: Said | str = "") -> None:
        self.said = detail if isinstance(detail, Said) else unsaid(detail)
        super().__init__(self.said.words)


class Malformed(LedgerError):
    """Bytes that are not what they claim to be. The sender must make them anew.

    `said` is the same whichever program decodes them; `detail` is as much as this one can tell, `precise` where given.
    """

    def __init__(self, detail: Said | str, *, pointer: str = "", precise: str = "") -> None:
        super().__init__(detail if isinstance(detail, Said) else in_words(detail))
        self.detail = shortened(one_line(in_words(precise))) if precise else self.said.words
        self.pointer = pointer

    def __str__(self) -> str:
        return self.detail


class NotJudged(Malformed):
    """A file of which only the form was looked at: what it says was not judged. `code` says why."""

    def __init__(self, detail: Said | str, *, code: str) -> None:
        super().__init__(detail)
        self.code = code


class FormChanged(NotJudged):
    """A file that is not in the form in which it was written: something on its way added to it, or it broke off.

    Whoever has the original can give it again. `code` is `form-changed`, where what was added can be told from what was
    there, or `ends-early`.
    """

    def __init__(self, detail: Said | str, *, code: str = "form-changed") -> None:
        super().__init__(detail, code=code)


class OtherRelease(NotJudged):
    """A file whose format has a number that another release reads (see `releases`). `code` is `other-version`."""

    def __init__(self, detail: Said | str) -> None:
        super().__init__(detail, code="other-version")


class Rejected(LedgerError):
    """A well-formed record that the rules refuse. Nothing has changed."""

    def __init__(self, reason: Reason, *, pointer: str = "", seen: str = "", wanted: str = "") -> None:
        super().__init__(reason.value)
        self.reason, self.pointer, self.seen, self.wanted = reason, pointer, seen, wanted
        self.said = said("proof.refused", "{code}: {reason}", reason.value, reason.said())


class ProofInvalid(LedgerError):
    """Evidence that does not prove what it claims. Nobody should rely on it."""

    def __init__(self, detail: Said | str) -> None:
        super().__init__(detail)
        self.detail = self.said.words


class Untrusted(LedgerError):
    """Evidence whose makers the trust file does not know. It may be good; nobody here can tell."""


class NotCheckable(LedgerError):
    """Evidence that needs more than is at hand to be judged."""


class Unknown(LedgerError):
    """A rule asks for what is not in the part of the state that is known."""


class Damaged(LedgerError):
    """What is stored is not what was put there. Whoever keeps it must restore it; nothing is built upon it."""


class Conflict(LedgerError):
    """Another writer came first. The caller must look again before it writes."""
