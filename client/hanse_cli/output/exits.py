"""Exit codes, and the one table that leads from errors to them."""

import os
import re
import signal
from enum import IntEnum
from typing import NamedTuple

import typer
from typer.exceptions import TyperException

from hanse_cli.base.console import OUTPUT_FAILED, as_fields
from hanse_cli.base.errors import AuditFailed, CannotAudit, Ended, OutputFailed, RestoreRefused, UnderWay
from hanse_cli.base.language import catalogue, chosen, words
from hanse_cli.output.refused import refused_words
from hanse_client.base import errors
from hanse_documents import UnsupportedFormat
from hanse_ledger.values.errors import LedgerError, Malformed, ProofInvalid
from hanse_ledger.values.verdict import Verdict
from hanse_words import ENGLISH

_OTHER_KIND = re.compile(r"; this is that of an? (certificate|declaration|invoice|party|payment)$")
"""How the rules call an id of another thing than is meant."""

_ID = re.compile(r"[0-9a-f]{64}")
"""What may stand in a command that somebody will paste: these are a node's words, and may be any."""

REPORT_IT = "This is a bug of ours: please report it with the lines above."


class ExitCode(IntEnum):
    """What `hanse` says to whoever started it (docs/cli.md)."""

    SUCCESS = 0
    UNHEALTHY = 1
    USAGE = 2
    TAMPERED = 10
    NOT_IN_FORCE = 11
    UNKNOWN_ISSUER = 12
    NOT_FOUND = 13
    UNSUPPORTED_FORMAT = 14
    REFUSED = 15
    CANNOT_CHECK = 20
    UNREACHABLE = 30
    BUG = 70
    OUTPUT_FAILED = OUTPUT_FAILED
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


OF_VERDICT: dict[Verdict, ExitCode] = {
    Verdict.VALID: ExitCode.SUCCESS,
    Verdict.VALID_WITH_WARNINGS: ExitCode.SUCCESS,
    Verdict.EXPIRED_OR_SUPERSEDED: ExitCode.NOT_IN_FORCE,
    Verdict.REVOKED: ExitCode.NOT_IN_FORCE,
    Verdict.TAMPERED: ExitCode.TAMPERED,
    Verdict.UNKNOWN_ISSUER: ExitCode.UNKNOWN_ISSUER,
    Verdict.NOT_FOUND: ExitCode.NOT_FOUND,
    Verdict.CANNOT_CHECK: ExitCode.CANNOT_CHECK,
    Verdict.UNSUPPORTED_FORMAT: ExitCode.UNSUPPORTED_FORMAT,
}
"""The exit code of each verdict of `hanse verify`."""


class Meaning(NamedTuple):
    """An exit code, and the word for it in error documents."""

    exit_code: ExitCode
    code: str


OF_ERROR: tuple[tuple[type[Exception], Meaning], ...] = (
    (errors.NotFound, Meaning(ExitCode.NOT_FOUND, "not-found")),
    (errors.Unauthorized, Meaning(ExitCode.UNREACHABLE, "unauthorized")),
    (errors.Refused, Meaning(ExitCode.REFUSED, "refused")),
    (errors.NodeBusy, Meaning(ExitCode.UNREACHABLE, "node-busy")),
    (errors.NodeFailed, Meaning(ExitCode.UNREACHABLE, "node-failed")),
    (errors.NodeUnreachable, Meaning(ExitCode.UNREACHABLE, "node-unreachable")),
    (errors.LedgerChanged, Meaning(ExitCode.UNKNOWN_ISSUER, "ledger-changed")),
    (errors.StaleHead, Meaning(ExitCode.CANNOT_CHECK, "stale-head")),
    (errors.BadAnswer, Meaning(ExitCode.TAMPERED, "bad-answer")),
    (errors.SecurityAlarm, Meaning(ExitCode.TAMPERED, "security-alarm")),
    (RestoreRefused, Meaning(ExitCode.REFUSED, "would-contradict")),
    (AuditFailed, Meaning(ExitCode.TAMPERED, "audit-failed")),
    (OutputFailed, Meaning(ExitCode.OUTPUT_FAILED, "output-failed")),
    (CannotAudit, Meaning(ExitCode.CANNOT_CHECK, "cannot-audit")),
    (errors.UnsupportedDocument, Meaning(ExitCode.UNSUPPORTED_FORMAT, "unsupported-format")),
    (errors.WrongRelease, Meaning(ExitCode.UNSUPPORTED_FORMAT, "other-release")),
    (errors.HanseError, Meaning(ExitCode.USAGE, "bad-input")),
    (UnsupportedFormat, Meaning(ExitCode.UNSUPPORTED_FORMAT, "unsupported-format")),
    (ProofInvalid, Meaning(ExitCode.TAMPERED, "proof-invalid")),
    (Malformed, Meaning(ExitCode.USAGE, "malformed")),
    (LedgerError, Meaning(ExitCode.USAGE, "bad-input")),
    (TyperException, Meaning(ExitCode.USAGE, "usage")),
    (typer.Abort, Meaning(ExitCode.INTERRUPTED, "interrupted")),
    (EOFError, Meaning(ExitCode.INTERRUPTED, "interrupted")),
    (ConnectionError, Meaning(ExitCode.UNREACHABLE, "node-unreachable")),
    (TimeoutError, Meaning(ExitCode.UNREACHABLE, "node-unreachable")),
    (OSError, Meaning(ExitCode.USAGE, "bad-surroundings")),
)
"""What each error means to the caller; the first line that fits counts. What fits none is a bug of ours."""


def meaning_of(error: BaseException) -> Meaning:
    """Look an error up in the table."""
    if isinstance(error, UnderWay):
        return meaning_of(error.why)
    for kind, meaning in OF_ERROR:
        if isinstance(error, kind):
            return meaning
    if isinstance(error, Ended):
        return Meaning(ExitCode(128 + error.number), "interrupted")
    if isinstance(error, KeyboardInterrupt):
        return Meaning(ExitCode.INTERRUPTED, "interrupted")
    return Meaning(ExitCode.BUG, "bug")


def words_of(error: BaseException) -> tuple[str, str]:  # noqa: PLR0911 (one return a group of errors)
    """Say what is wrong and what to do about it."""
    match error:
        case UnderWay():
            message, action = words_of(error.why)
            return " ".join((message, *error.lines())), action
        case Ended():
            return f"Ended by {signal.Signals(error.number).name}.", ""
        case errors.Refused() if (other := _OTHER_KIND.search(error.wanted)) and _ID.fullmatch(error.seen):
            return error.message, f"{error.action} What this one is: hanse {other[1]} show {error.seen}"
        case errors.HanseError():
            return error.message, error.action
        case TyperException():
            return error.format_message(), ""
        case KeyboardInterrupt() | typer.Abort() | EOFError():
            return "Interrupted.", ""
        case LedgerError():
            return str(error), ""
        case OSError():
            # What this machine refuses is told by name; where it was expected, other words have been found before.
            named = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
            return f"{named}{error.strerror or error}.", "Check the name, its rights, and the room on the disk."
        case _:
            return f"{type(error).__name__}: {error}", REPORT_IT


def lines_of(error: BaseException) -> list[str]:
    """Say the same on lines: several faults of a document each on its own."""
    if isinstance(error, UnderWay):
        return [*lines_of(error.why), *error.lines()]
    message, action = _told(error)
    if isinstance(error, errors.DocumentError) and len(error.faults) > 1:
        return [error.heading, *(f"  {fault}" for fault in error.faults), action]
    return [f"{message} {action}".strip()]


def _told(error: BaseException) -> tuple[str, str]:
    """Say what is wrong and what to do about it in the language that was chosen, as far as there are words in it."""
    if chosen() != ENGLISH:
        match error:
            case errors.Refused():
                return refused_words(error.refusal, catalogue())
            case LedgerError():
                return words(error.said), ""
            case _:
                pass
    return words_of(error)


def error_document(error: BaseException) -> dict[str, object]:
    """Write an error as the one JSON document that --json promises, with what was sent and is not settled."""
    if isinstance(error, UnderWay):
        unsettled = [as_fields(record) for record in error.records]
        return {"error": {**_fields(error.why), "message": words_of(error)[0], "unsettled": unsettled}}
    return {"error": _fields(error)}


def _fields(error: BaseException) -> dict[str, object]:
    meaning, (message, action) = meaning_of(error), words_of(error)
    document: dict[str, object] = {
        "code": meaning.code,
        "message": message,
        "action": action,
        "exit_code": int(meaning.exit_code),
    }
    match error:
        case errors.Refused():
            refusal = error.refusal
            document |= {
                "reason": refusal.code,
                "rule": refusal.rule,
                "pointer": refusal.pointer,
                "seen": refusal.seen,
                "wanted": refusal.wanted,
                "request_id": refusal.request_id,
                "said_by": refusal.said_by,
                "others": list(refusal.others),
            }
        case errors.SecurityAlarm():
            document |= {
                "remembered": error.remembered.decode("utf-8", "replace"),
                "seen": error.seen.decode("utf-8", "replace"),
            }
        case errors.DocumentError():
            document |= {
                "field": error.field,
                "seen": error.seen,
                "wanted": error.wanted,
                "faults": [
                    {"field": fault.field, "seen": fault.seen, "wanted": fault.wanted} for fault in error.faults
                ],
            }
        case errors.NearDuplicate():
            document["alike"] = [as_fields(each) for each in error.alike]
        case errors.InvalidInput():
            document["pointer"] = error.pointer
        case Malformed():
            document["pointer"] = error.pointer
        case _:
            pass
    return document
