"""Calling the other members' engines again: those that were named since the start, and those that had turned away.

CometBFT calls its persistent peers when it starts, and gives up on one that closes the connection at once, as an engine
does which does not know this one yet. So it is told again, now and then, whom to call (`dial_peers`, one of the RPC's
unsafe methods: it is on a socket that this user alone can open).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

from hanse_node.base.config import KnownEngine
from hanse_node.base.errors import NodeError
from hanse_node.comet.abci.admission import Admission
from hanse_node.comet.rpc import EngineRpc, EngineSilent, connected_to

log = logging.getLogger(__name__)

CALL_SECONDS = 10.0
ANSWER_BYTES = 64 * 1024


def whom_to_call(engines: Mapping[str, KnownEngine], admission: Admission) -> dict[str, str]:
    """Give the addresses of the engines that this one calls, `id@host:port`, by their ids. Observers call."""
    return {
        node: f"{node}@{engine.address}"
        for node, engine in sorted(engines.items())
        if not engine.observer and admission.admits(node)
    }


class Calling:
    """Lives on the engine's event loop."""

    def __init__(
        self, engine: EngineRpc, admission: Admission, engines: Callable[[], Mapping[str, KnownEngine]]
    ) -> None:
        """Prepare to call.

        Args:
            engine: this node's own.
            admission: tells whom it would let in.
            engines: gives those that are known now, by their ids.
        """
        self._engine, self._admission, self._engines = engine, admission, engines

    async def run(self) -> None:
        """Call for ever. A round that fails is logged, and the next one tried."""
        while True:
            await asyncio.sleep(CALL_SECONDS)
            try:
                await self.call()
            except EngineSilent as error:
                log.debug("the engine cannot be told whom to call", extra={"reason": str(error)})
            except NodeError as error:
                log.exception("it cannot be told whom the engine may call", exc_info=error)

    async def call(self) -> None:
        """Have the engine call whoever is not connected. Raises EngineSilent."""
        wanted = await asyncio.to_thread(whom_to_call, self._engines(), self._admission)
        if wanted.keys() - await connected_to(self._engine):
            # All of them: what is called becomes the list of those that are called again.
            parameters = {"peers": list(wanted.values()), "persistent": True}
            await self._engine.ask("dial_peers", parameters, ANSWER_BYTES)
