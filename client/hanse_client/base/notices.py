"""What goes wrong beside an answer that counts all the same: kept for whoever asks, and told once in the log.

After a record stands nothing may turn that into a failure but an alarm, and what cannot be remembered is no reason to
keep back what was proven.
"""

import logging
from collections.abc import Awaitable
from typing import TypeVar

from hanse_client.base.errors import HanseError, SecurityAlarm
from hanse_client.base.views import Notice

MOST = 64
"""So many different ones are kept; more of the same kind say nothing new."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Notices:
    """The notices of one client, in the order in which they were met."""

    def __init__(self) -> None:
        self._met: dict[Notice, None] = {}

    @property
    def met(self) -> tuple[Notice, ...]:
        """All of them, each once."""
        return tuple(self._met)

    def tell(self, code: str, error: HanseError) -> Notice:
        """Keep what went wrong, and tell it in the log if it is new."""
        notice = Notice(code=code, message=error.message, action=error.action)
        if notice not in self._met and len(self._met) < MOST:
            self._met[notice] = None
            log.warning("%s", notice.text(), extra={"code": code})
        return notice

    async def attempt(self, code: str, work: Awaitable[T]) -> T | Notice:
        """Do what may fail without taking anything back: a failure is a notice. Raises SecurityAlarm alone."""
        try:
            return await work
        except SecurityAlarm:
            raise
        except HanseError as error:
            return self.tell(code, error)
