"""The engine's own process: started after the application, watched, started again, stopped before it."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hanse_node.base.errors import CannotStart
from hanse_node.comet.program.enginelog import LINE_BYTES, EngineLog
from hanse_node.comet.program.explaining import OTHER_STATE, explain

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""An engine that has run so long is not one that fails at its start."""

ATTEMPTS = 5
"""So many times in a row an engine may end soon after its start, before the node gives up."""

CONSENSUS_FAILURE = b"CONSENSUS FAILURE"
OTHER_BLOCKS = (b"Error in validation", b"wrong Block.Header.AppHash")
"""What it says, for ever, when it cannot catch up: a peer's next block names another state than this node's. It goes
on, for one peer alone may lie."""


class CometProcess:
    """Runs `cometbft start` until it is stopped. Any exit that was not asked for is a failure, also with code 0."""

    def __init__(
        self,
        program: Path,
        home: Path,
        prepare: Callable[[], None],
        failed: Callable[[str], None],
        doubted: Callable[[str], None],
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            program: the engine's binary.
            home: its folder, with `config/` and `data/`.
            prepare: called before each start; may raise OSError or CannotStart.
            failed: told when the engine has failed for good.
            doubted: told when it does not get on, because its peers' blocks say something else than this node.
        """
        self._program, self._home, self._failed, self._doubted = program, home, failed, doubted
        self._prepare = prepare
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self.restarting: str | None = None
        """Why the engine is being started again, while it is."""
        self._log = EngineLog(home / "cometbft.log", self._hear)

    async def run(self) -> None:
        """Run the engine, again and again if need be, until `stop`."""
        pause, failures = FIRST_PAUSE_SECONDS, 0
        loop = asyncio.get_running_loop()
        while not self._stopping:
            begun = loop.time()
            try:
                await asyncio.to_thread(self._prepare)
            except (OSError, CannotStart) as error:
                self._failed(f"the engine cannot be started: {error}")
                return
            code = await self._once()
            if self._stopping:
                return
            if self.restarting is not None:
                log.info("the engine is started again as was asked", extra={"code": code, "reason": self.restarting})
                continue
            if loop.time() - begun > STEADY_SECONDS:
                pause, failures = FIRST_PAUSE_SECONDS, 0
            failures += 1
            known = explain(self._log.last_words)
            reason = "" if known is None else known.words
            log.error(
                "the engine has ended without being asked", extra={"code": code, "failures": failures, "reason": reason}
            )
            if known is not None and known.lasting:
                self._failed(f"the engine has ended: {reason}")
                return
            if failures >= ATTEMPTS:
                said = f": {reason}" if reason else ""
                self._failed(f"the engine ended {failures} times in a row{said}; its log is in {self._log.path}")
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    @property
    def number(self) -> int | None:
        """The number of the process, while it runs."""
        return None if self._process is None else self._process.pid

    async def stop(self) -> None:
        """Have the engine end; it is gone on return."""
        self._stopping = True
        await self._end()

    async def restart(self, reason: str) -> None:
        """Have the engine end and begin again; it has ended on return. That is no failure."""
        self.restarting = reason
        await self._end()

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            log.warning("the engine did not stop in time and is killed")
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _once(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            self._program,
            "start",
            "--home",
            self._home,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"HOME": str(self._home), "PATH": os.defpath},
            limit=LINE_BYTES,
        )
        assert self._process.stdout is not None
        self.restarting = None
        await self._log.follow(self._process.stdout)
        return await self._process.wait()

    def _hear(self, line: bytes) -> None:
        """End an engine whose consensus has failed: it would go on running, and never take part again."""
        if CONSENSUS_FAILURE in line and self._process is not None:
            log.critical("the engine's consensus has failed; it is ended")
            with suppress(ProcessLookupError):
                self._process.kill()
        elif all(mark in line for mark in OTHER_BLOCKS):
            self._doubted(OTHER_STATE)
