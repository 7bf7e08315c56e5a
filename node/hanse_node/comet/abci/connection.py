"""ABCI 2.0 over a socket: what CometBFT asks, and what it is answered.

Each message is its length as a uvarint, then a `Request` or a `Response` in protobuf. CometBFT opens four connections
(consensus, mempool, query, snapshot) and expects the answers of each in the order of its questions. Source: CometBFT
v0.38, spec/abci, "Client and server".
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from google.protobuf.message import DecodeError

from hanse_node.base.errors import NodeError
from hanse_node.comet.abci.hanse_abci_pb2 import Request, Response

log = logging.getLogger(__name__)

MESSAGE_BYTES = 32 * 1024 * 1024
"""No message is longer: a block has at most 2 MiB, a chunk of a snapshot 8."""

LENGTH_BYTES = 5
"""A uvarint of up to 35 bits."""

CONSENSUS = frozenset({"info", "init_chain", "prepare_proposal", "process_proposal", "finalize_block", "commit"})
"""What is asked on one thread alone, in its order: everything that reads or changes the state."""

Answer = Callable[[Request], Response]


class BadMessage(NodeError):
    """The other side does not speak ABCI."""


class AbciServer:
    """Serves ABCI on a Unix socket. What moves the state is answered on one thread; the rest on others beside it."""

    def __init__(self, path: Path, answers: Mapping[str, Answer], failed: Callable[[BaseException], None]) -> None:
        """Prepare a server.

        Args:
            path: the socket's file; the folder must be this user's alone.
            answers: for each kind of request, by its name in `Request.value`, what answers it; it may block.
            failed: told when an answer raises: the application must not go on after that.
        """
        self._path, self._answers, self._failed = path, answers, failed
        self._consensus = ThreadPoolExecutor(1, thread_name_prefix="consensus")
        self._others = ThreadPoolExecutor(3, thread_name_prefix="abci")
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen. Raises OSError."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._accept, self._path)

    async def stop(self) -> None:
        """Close every connection, and wait for what is being answered."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        for task in list(self._open):
            with suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(self._consensus.shutdown)
        await asyncio.to_thread(self._others.shutdown)
        self._path.unlink(missing_ok=True)

    def run_in_order(self, work: Callable[[], object]) -> None:
        """Have something done between two requests of consensus, on their thread. What it raises ends the engine."""
        self._consensus.submit(work).add_done_callback(self._judge)

    def _judge(self, done: "Future[object]") -> None:
        error = done.exception()
        if error is not None:
            self._failed(error)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            log.debug("the engine has closed a connection")
        except (BadMessage, DecodeError) as error:
            log.exception("the engine sent what is no ABCI", exc_info=error)
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = Request.FromString(await read_message(reader))
            kind = request.WhichOneof("value")
            if kind == "flush":
                response = Response(flush={})
            elif kind == "echo":
                response = Response(echo=request.echo)
            else:
                response = await self._answer(kind or "nothing", request)
            writer.write(frame(response.SerializeToString()))
            if kind == "flush" or writer.transport.get_write_buffer_size() > MESSAGE_BYTES:
                await writer.drain()

    async def _answer(self, kind: str, request: Request) -> Response:
        answer = self._answers.get(kind)
        if answer is None:
            return Response(exception={"error": f"{kind} is not answered here"})
        threads = self._consensus if kind in CONSENSUS else self._others
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, answer, request)
        except Exception as error:  # noqa: BLE001 (whatever it is, the engine must not be told anything but that)
            self._failed(error)
            return Response(exception={"error": f"the application has failed: {type(error).__name__}"})


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """Read one message. Raises BadMessage, IncompleteReadError."""
    length = shift = 0
    for _ in range(LENGTH_BYTES):
        (byte,) = await reader.readexactly(1)
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    else:
        raise BadMessage("a message's length has no end")
    if length > MESSAGE_BYTES:
        raise BadMessage(f"a message of {length} bytes; at most {MESSAGE_BYTES} are allowed")
    return await reader.readexactly(length)


def frame(message: bytes) -> bytes:
    """Write a message behind its length."""
    head = bytearray()
    length = len(message)
    while length >= 0x80:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + message
