"""Ending the connections of engines that may not be connected any more: by starting this node's own engine again.

CometBFT asks whether an engine may connect, and has no way to end a connection that stands. So when the members or the
settings have changed, its peers are looked at, and where one may not be there any more it is started again, once: it
takes part no longer than a second or two less, and the others' engines do so one after the other.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from hanse_ledger.wire.membership import Membership
from hanse_node.base.errors import NodeError
from hanse_node.comet.abci.admission import Admission
from hanse_node.comet.rpc import EngineRpc, EngineSilent, connected_to

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
TURN_SECONDS = 5.0
TURNS_SECONDS = 40.0
"""Each member's node waits for its turn, in the order of their names, all of them together no longer than this."""


class Severing:
    """Lives on the engine's event loop."""

    def __init__(
        self,
        engine: EngineRpc,
        admission: Admission,
        members: Callable[[], Membership],
        own: str,
        restart: Callable[[str], Awaitable[None]],
    ) -> None:
        """Prepare to look.

        Args:
            engine: tells who is connected.
            admission: tells who may be.
            members: gives the members as of the newest block.
            own: this node's member.
            restart: starts the engine again, and is told why.
        """
        self._engine, self._admission, self._members = engine, admission, members
        self._own, self._restart = own, restart
        self._severed: set[str] = set()

    async def run(self) -> None:
        """Look whenever something has changed, for ever."""
        judged: object = None
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                state = await asyncio.to_thread(self._admission.state)
                if state != judged and not await self.look():
                    judged = state
            except EngineSilent as error:
                log.debug("the engine does not say who is connected", extra={"reason": str(error)})
            except NodeError as error:
                log.exception("it cannot be told who may be connected", exc_info=error)

    async def look(self) -> bool:
        """Look who is connected, and end what must end; tell whether there was anything. Raises EngineSilent."""
        strangers = await self._strangers()
        self._severed = {node for node in self._severed if not self._admission.admits(node)}
        if not strangers:
            return False
        await asyncio.sleep(turn_of([cosigner.id for cosigner in self._members().cosigners], self._own))
        strangers = await self._strangers()
        new = strangers - self._severed
        if strangers and not new:
            # Turned away at its start, and yet there: another restart would not help, and must not be a loop.
            log.error("an engine that may not connect is connected again", extra={"engines": sorted(strangers)})
            return False
        if new:
            self._severed |= new
            log.warning(
                "the engine is started again, once, to end connections of engines that may not be connected any more",
                extra={"engines": sorted(new)},
            )
            await self._restart("the engine is started again, to end connections of who may not be connected any more")
        return True

    async def _strangers(self) -> set[str]:
        connected = await connected_to(self._engine)
        return {node for node in connected if not await asyncio.to_thread(self._admission.admits, node)}


def turn_of(names: Sequence[str], own: str) -> float:
    """Give how many seconds a node waits, so that the members' engines do not all stop at once."""
    place = names.index(own) if own in names else len(names)
    return place * min(TURN_SECONDS, TURNS_SECONDS / max(1, len(names)))
