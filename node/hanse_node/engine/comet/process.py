"""The engine's own process: started after the application, watched, started again, stopped before it."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hanse_node.engine.comet.explaining import OTHER_STATE, explain

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

LOOK_SECONDS = 1.0
LOOK_BYTES = 4 * 1024 * 1024

LOG_BYTES = 16 * 1024 * 1024
"""The engine's log begins anew after so many bytes; the one before is kept."""


class CometProcess:
    """Runs `cometbft start` until it is stopped. Any exit that was not asked for is a failure, also with code 0."""

    def __init__(
        self, program: Path, home: Path, failed: Callable[[str], None], doubted: Callable[[str], None]
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            program: the engine's binary.
            home: its folder, with `config/` and `data/`.
            failed: told when the engine has failed for good.
            doubted: told when it does not get on, because its peers' blocks say something else than this node.
        """
        self._program, self._home, self._failed, self._doubted = program, home, failed, doubted
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._begun_at = 0

    async def run(self) -> None:
        """Run the engine, again and again if need be, until `stop`."""
        pause, failures = FIRST_PAUSE_SECONDS, 0
        loop = asyncio.get_running_loop()
        while not self._stopping:
            begun = loop.time()
            code = await self._once()
            if self._stopping:
                return
            if loop.time() - begun > STEADY_SECONDS:
                pause, failures = FIRST_PAUSE_SECONDS, 0
            failures += 1
            known = explain(self.log_file, self._begun_at)
            reason = "" if known is None else known.words
            log.error(
                "the engine has ended without being asked", extra={"code": code, "failures": failures, "reason": reason}
            )
            if known is not None and known.lasting:
                self._failed(f"the engine has ended: {reason}")
                return
            if failures >= ATTEMPTS:
                said = f": {reason}" if reason else ""
                self._failed(f"the engine ended {failures} times in a row{said}; its log is in {self.log_file}")
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    @property
    def log_file(self) -> Path:
        """Where the engine's own log stands."""
        return self._home / "cometbft.log"

    @property
    def number(self) -> int | None:
        """The number of the process, while it runs."""
        return None if self._process is None else self._process.pid

    async def stop(self) -> None:
        """Have the engine end; it is gone on return."""
        self._stopping = True
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
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_BYTES:
            os.replace(self.log_file, self.log_file.with_suffix(".log.1"))
        self._begun_at = self.log_file.stat().st_size if self.log_file.exists() else 0
        with self.log_file.open("ab") as messages:
            self._process = await asyncio.create_subprocess_exec(
                self._program,
                "start",
                "--home",
                self._home,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=messages,
                stderr=messages,
                env={"HOME": str(self._home), "PATH": os.defpath},
            )
        watching = asyncio.create_task(self._watch_log(self._process))
        try:
            return await self._process.wait()
        finally:
            watching.cancel()

    async def _watch_log(self, process: asyncio.subprocess.Process) -> None:
        """End an engine whose consensus has failed: it goes on running, and never takes part again."""
        read, tail = self._begun_at, b""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with self.log_file.open("rb") as messages:
                messages.seek(read)
                said = messages.read(LOOK_BYTES)
            read += len(said)
            if CONSENSUS_FAILURE in tail + said:
                log.critical("the engine's consensus has failed; it is ended")
                with suppress(ProcessLookupError):
                    process.kill()
                return
            if any(all(mark in line for mark in OTHER_BLOCKS) for line in said.splitlines()):
                self._doubted(OTHER_STATE)
            tail = said[-len(CONSENSUS_FAILURE) :]
