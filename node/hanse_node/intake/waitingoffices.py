"""Openings of offices that wait in a node's folder: signed by members when it was made, sent as soon as it can be.

offices/<member>.envelope   an `office.open`, with all its signatures; gone once it stands, or cannot stand any more

A node has no member's key, so that it sends what was signed where the key was at hand: at `hanse node init`, and where
a network is made or joined. A record lasts seven days; who comes later has its office opened by `hanse office open`.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path
from typing import NamedTuple

from hanse_io.durable import write_durably
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.records.envelope import Signed, open_envelope
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import MemberId, Moment
from hanse_ledger.wire.membership import Membership
from hanse_node.access.caller import ITSELF
from hanse_node.base.errors import NodeError
from hanse_node.intake.submitting import Intake

log = logging.getLogger(__name__)

OFFICES = "offices"
_ENDING = ".envelope"

LOOK_SECONDS = 2.0
"""How often a consortium's node looks whether its member can open its office now."""

ANSWER_SECONDS = 30.0
"""So long an engine is waited for."""


def leave_office(folder: Path, member: MemberId, envelope: bytes) -> None:
    """Leave a signed opening in a node's folder, for the node to send. Raises OSError."""
    write_durably(folder / OFFICES / f"{member}{_ENDING}", envelope)


class _Opening(NamedTuple):
    path: Path
    signed: Signed
    member: MemberId


class WaitingOffices:
    """Those in one node's folder."""

    def __init__(
        self, folder: Path, intake: Intake, members: Callable[[], Membership], clock: Callable[[], Moment]
    ) -> None:
        """Look for them.

        Args:
            folder: the node's.
            intake: takes them.
            members: tells who the members are now.
            clock: the present in milliseconds since 1970.
        """
        self._folder, self._intake, self._members, self._clock = folder / OFFICES, intake, members, clock

    def send(self) -> None:
        """Send those whose members are members now; a newcomer's waits until it is admitted.

        What stands is forgotten, and what the rules refuse or has expired; a crash in between sends it again, which is
        harmless.
        """
        now, members, due = self._clock(), self._members(), list[_Opening]()
        for waiting in list(self._waiting()):
            if waiting.signed.record.expires <= now:
                _forget(waiting.path, "it has expired")
            elif members.member(waiting.member) is not None:
                due.append(waiting)
        if due:
            self._send(due)

    def _waiting(self) -> Iterator[_Opening]:
        paths = sorted(self._folder.glob(f"*{_ENDING}")) if self._folder.is_dir() else []
        for path in paths:
            with path.open("rb") as file:
                data = file.read(limits.ENVELOPE_BYTES + 1)
            try:
                signed = open_envelope(data)
            except Malformed as error:
                _forget(path, str(error))
                continue
            if isinstance(signed.record.body, OpenOffice):
                yield _Opening(path, signed, signed.record.body.member)
            else:
                _forget(path, "it is another record")

    def _send(self, due: Sequence[_Opening]) -> None:
        try:
            receipts = self._intake.submit(ITSELF, [each.signed for each in due]).result(ANSWER_SECONDS)
        except (NodeError, TooLate) as error:
            log.info("offices cannot be opened yet", extra={"reason": str(error)})
            return
        for each, receipt in zip(due, receipts, strict=True):
            if receipt.refusal is not None:
                _forget(each.path, receipt.refusal.reason.value)
                continue
            log.info("an office is opened", extra={"member": each.member, "position": receipt.position})
            each.path.unlink(missing_ok=True)


def _forget(path: Path, reason: str) -> None:
    log.warning(
        "what waits in offices opens none; its member can: hanse office open",
        extra={"member": path.stem, "reason": reason},
    )
    path.unlink(missing_ok=True)
