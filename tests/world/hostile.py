"""A server that answers with everything but an answer: each path is another way to hold, fill or tire who asks."""

import asyncio
import gzip
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import NamedTuple

BOMB_MIB = 256
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
STREAM = OK + b"Content-Type: text/event-stream\r\n\r\n"

Pieces = AsyncIterator[bytes]


class Form(NamedTuple):
    """A hostile answer, and the words of the error that it gets. With `events` it is asked for as a stream."""

    pieces: Callable[[], Pieces]
    error: str
    words: str
    events: bool = False


async def repeated(head: bytes, piece: bytes, pause: float = 0.0) -> Pieces:
    """Send a head, and then one piece again and again, for ever."""
    yield head
    while True:
        yield piece
        if pause:
            await asyncio.sleep(pause)


async def whole(data: bytes) -> Pieces:
    """Send something, and nothing more, on a connection that stays open."""
    yield data
    await asyncio.sleep(3_600)


async def drip(head: bytes, rest: bytes) -> Pieces:
    """Send a head at once, and the rest a byte a second."""
    yield head
    for at in range(len(rest)):
        yield rest[at : at + 1]
        await asyncio.sleep(1)


@cache
def bomb(layers: int, wbits: int = zlib.MAX_WBITS | 16) -> bytes:
    """Compress a quarter of a GiB of zeros, several times over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(BOMB_MIB)) + packer.flush()
    for _ in range(layers - 1):
        data = gzip.compress(data, 9)
    return data


def encoded(names: str, data: bytes) -> Callable[[], Pieces]:
    """Answer with a body that says how it is encoded."""
    head = OK + f"Content-Encoding: {names}\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    return lambda: whole(head + data)


def headers(count: int) -> bytes:
    """Make a head of so many small headers, and end it."""
    return OK + b"".join(b"a%d:\r\n" % at for at in range(count)) + b"Content-Length: 2\r\n\r\nok"


@cache
def forms() -> dict[str, Form]:
    """Give every form by its name, which is its path."""
    bad = "BadFraming"
    return {
        "gzip": Form(encoded("gzip", bomb(1)), bad, "encoded"),
        "gzip-twice": Form(encoded("gzip, gzip", bomb(2)), bad, "encoded"),
        "gzip-three-times": Form(encoded("gzip, gzip, gzip", bomb(3)), bad, "encoded"),
        "deflate": Form(encoded("deflate", bomb(1, -zlib.MAX_WBITS)), bad, "encoded"),
        "br": Form(encoded("br", b"x"), bad, "encoded"),
        "zstd": Form(encoded("zstd", b"x"), bad, "encoded"),
        "x-gzip": Form(encoded("x-gzip", b"x"), bad, "encoded"),
        "coded-transfer": Form(
            lambda: whole(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), bad, "no HTTP"
        ),
        "endless": Form(lambda: repeated(OK + b"\r\n", bytes(1 << 16)), bad, "more than"),
        "endless-chunks": Form(lambda: repeated(CHUNKED, b"10000\r\n" + bytes(1 << 16) + b"\r\n"), bad, "more than"),
        "tiny-chunks": Form(lambda: repeated(CHUNKED, b"1\r\nx\r\n" * 4_096), bad, "pieces"),
        "one-chunk-a-packet": Form(lambda: repeated(CHUNKED, b"1\r\nx\r\n"), bad, "pieces"),
        "chunk-extensions": Form(
            lambda: repeated(CHUNKED, b"1;" + b"x" * 60_000 + b"\r\nx\r\n"), bad, "beside the body"
        ),
        "endless-extension": Form(lambda: repeated(CHUNKED + b"1;", b"x" * 60_000), bad, "beside the body"),
        "trailers": Form(lambda: repeated(CHUNKED + b"0\r\n", b"a:b\r\n" * 10_000), bad, "beside the body"),
        "too-long": Form(lambda: repeated(OK + b"Content-Length: 999999999999\r\n\r\n", bytes(9)), bad, "999999999999"),
        "no-length": Form(lambda: whole(OK + b"Content-Length: -1\r\n\r\n"), bad, "no HTTP"),
        "two-lengths": Form(lambda: whole(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), bad, "no HTTP"),
        "both-lengths": Form(
            lambda: whole(OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), bad, "chunked"
        ),
        "endless-headers": Form(lambda: repeated(OK, b"x-header: something\r\n" * 512), bad, "head"),
        "one-header": Form(lambda: repeated(OK + b"x: ", b"y" * 65_536), bad, "head"),
        "small-headers": Form(lambda: whole(headers(2_000)), bad, "128 headers"),
        "smaller-headers": Form(lambda: whole(headers(100_000)), bad, "head"),
        "early-hints": Form(lambda: repeated(b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 64), bad, "head"),
        "an-early-hint-a-packet": Form(lambda: repeated(b"", b"HTTP/1.1 103 E\r\n\r\n", 0.001), bad, "pieces"),
        "switching": Form(lambda: whole(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), bad, "no HTTP"),
        "no-http": Form(lambda: whole(b"\x00\xff" * 999), bad, "no HTTP"),
        "drip-head": Form(lambda: drip(b"", OK * 99), "NoAnswer", "in time"),
        "drip-body": Form(lambda: drip(OK + b"Content-Length: 99\r\n\r\n", bytes(99)), "NoAnswer", "in time"),
        "silent": Form(lambda: whole(b""), "NoAnswer", "in time"),
        "cut": Form(lambda: cut(OK + b"Content-Length: 99\r\n\r\nx"), "NoAnswer", "within an answer"),
        "cut-before": Form(lambda: cut(b""), "NoAnswer", "before an answer"),
        "event-line": Form(lambda: repeated(STREAM + b"data: ", b"x" * 65_536), bad, "event", events=True),
        "event-lines": Form(lambda: repeated(STREAM, b"data: x\n" * 4_096), bad, "event", events=True),
        # Whether it has too many pieces or too many bytes depends on how many wait when the victim reads.
        "event-a-byte-a-packet": Form(lambda: repeated(STREAM, b"x"), bad, "an event ", events=True),
        "event-comment": Form(lambda: repeated(STREAM + b":", b"x" * 65_536), bad, "event", events=True),
        "event-comments": Form(lambda: repeated(STREAM, b":\n" * 32_768), bad, "lines", events=True),
        "event-ids": Form(lambda: repeated(STREAM, b"id: 1\n" * 8_192), bad, "lines", events=True),
        "event-no-data": Form(lambda: repeated(STREAM, b"data:\n" * 8_192), bad, "lines", events=True),
        "event-life": Form(lambda: repeated(STREAM, b":\n\n" * 4_096), bad, "signs of life", events=True),
        "event-encoded": Form(encoded("gzip", bomb(1)), bad, "encoded", events=True),
        "event-drip": Form(lambda: drip(STREAM, b":" * 99), "NoAnswer", "in time", events=True),
        "event-drip-line": Form(lambda: drip(STREAM, b":\n" * 99), "NoAnswer", "in time", events=True),
        "event-silent": Form(lambda: whole(STREAM), "NoAnswer", "in time", events=True),
        "event-other": Form(
            lambda: repeated(b"HTTP/1.1 404 No\r\n\r\n", bytes(1 << 16)), bad, "more than", events=True
        ),
    }


async def cut(data: bytes) -> Pieces:
    """Send something, and end the connection."""
    yield data


async def _asked(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    return head.split(b" ", 2)[1].decode().lstrip("/").partition("?")[0]


Placed = dict[str, str]
"""Forms by the paths at which they are asked for, where these are not their names."""


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, placed: Placed) -> None:
    with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
        try:
            name = await _asked(reader)
            while name == "honest":
                writer.write(OK + b"Content-Length: 2\r\n\r\nok")
                name = await _asked(reader)
            async for piece in forms()[placed.get(name, name)].pieces():
                writer.write(piece)
                await writer.drain()
        finally:
            writer.close()


@contextmanager
def hostile(placed: Placed | None = None) -> Iterator[str]:
    """Run the server on a thread; gives its address."""
    forms()  # the bombs are made before anybody waits for them
    loop = asyncio.new_event_loop()
    listening: list[int] = []
    ready, end = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(partial(_answer, placed=placed or {}), "127.0.0.1", 0)
        listening.append(server.sockets[0].getsockname()[1])
        ready.set()
        await end.wait()
        server.close()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(10)
    try:
        yield f"http://127.0.0.1:{listening[0]}"
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(20)
