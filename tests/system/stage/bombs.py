"""A member's node that answers whatever it is asked with what nobody should believe: run in the node's place.

Run as a process: `python -m tests.system.stage.bombs FOLDER SEED SECONDS`. In the end it prints, as JSON, how
often it was asked, and how often each answer was begun.
"""

import asyncio
import gzip
import json
import random
import ssl
import sys
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from hanse_node.base.folder import read_folder

MEBIBYTE = 1 << 20

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def zeros(mebibytes: int) -> bytes:
    """Press zeros together, a thousandfold."""
    pressing = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(pressing.compress(bytes(MEBIBYTE)) for _ in range(mebibytes)) + pressing.flush()


class Bombs:
    """What is answered, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 (a test's, which is to come out alike)
        self._once, self._twice = zeros(64), gzip.compress(zeros(400), 9)
        self._left: list[Answer] = []
        self.answers: Counter[str] = Counter()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question."""
        kind = self._next()
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.answers[kind.__name__.strip("_")] += 1
            async with asyncio.timeout(30):
                await kind(writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            self.answers["cut by the other side"] += 1
        finally:
            writer.transport.abort()

    def _next(self) -> Answer:
        """Choose: each kind once before any comes again."""
        if not self._left:
            kinds = (self._layers, self._body, self._chunks, self._headers, self._early, self._drip, self._nothing)
            self._left = self._draw.sample(kinds, len(kinds))
        return self._left.pop()

    async def _layers(self, writer: asyncio.StreamWriter) -> None:
        data, layers = self._draw.choice(((self._once, "gzip"), (self._twice, "gzip, gzip")))
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {layers}\r\nContent-Length: {len(data)}\r\n\r\n"
        await _say(writer, head.encode() + data)

    async def _body(self, writer: asyncio.StreamWriter) -> None:
        await _say(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n")
        for _ in range(256):
            await _say(writer, bytes(MEBIBYTE))

    async def _chunks(self, writer: asyncio.StreamWriter) -> None:
        await _say(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(256):
            await _say(writer, b"100000\r\n" + bytes(MEBIBYTE) + b"\r\n")

    async def _headers(self, writer: asyncio.StreamWriter) -> None:
        await _say(writer, b"HTTP/1.1 200 OK\r\n")
        for number in range(1_000_000):
            await _say(writer, b"X-%d: x\r\n" % number)

    async def _early(self, writer: asyncio.StreamWriter) -> None:
        for _ in range(1_000):
            await _say(writer, b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n")
            await asyncio.sleep(0.05)

    async def _drip(self, writer: asyncio.StreamWriter) -> None:
        await _say(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")
        for _ in range(60):
            await _say(writer, b"a")
            await asyncio.sleep(0.5)

    async def _nothing(self, writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        await asyncio.sleep(30)


async def _say(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def serve(folder: Path, seed: int, seconds: float) -> Counter[str]:
    """Stand where the member's node stood, with its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls" / "node.key.pem")
    bombs, port = Bombs(seed), read_folder(folder)[0].peering.port
    async with await asyncio.start_server(bombs.answer, "127.0.0.1", port, ssl=context):
        await asyncio.sleep(seconds)
    return bombs.answers


if __name__ == "__main__":
    place, chosen, lasting = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(serve(Path(place), int(chosen), float(lasting))), sort_keys=True))
