"""A member whose node does to the others' what its certificate lets it: for as long as a test says, at half a core.

Run as a process: `python -m tests.system.hostile FOLDER SEED SECONDS PORT…`, FOLDER being the member's own node's.
"""

import asyncio
import random
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic, process_time

from nacl.signing import SigningKey

from hanse_ledger.checkpoint import Checkpoint, body_text, log_line
from hanse_ledger.heads import log_key
from hanse_ledger.notes import Note, format_note
from hanse_ledger.trust import ledger_id, origin_of
from hanse_node.folder import read_folder, read_keys

HALF = 0.5
FAR = 2**40


def member_tls(folder: Path) -> ssl.SSLContext:
    """Make the TLS of a member's node, that believes whoever answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(folder / "tls" / "node.key.pem")
    return context


def far_head(folder: Path, size: int = FAR) -> tuple[bytes, bytes]:
    """Write a head of a size that will never come: unsigned, and signed by the member's own log."""
    config, genesis = read_folder(folder)[:2]
    ledger = ledger_id(genesis)
    (own,) = (each for each in genesis.membership.cosigners if each.id == config.cosigner)
    body = body_text(Checkpoint(origin_of(ledger, own.id), size, bytes(32)))
    signature = SigningKey(bytes(read_keys(folder).log)).sign(body.encode()).signature
    signed = format_note(Note(body, (log_line(log_key(ledger, own), signature),)))
    return body.encode() + b"\n\xe2\x80\x94 x AAAAAAAA\n", signed


def post(path: str, body: bytes, declared: int | None = None) -> bytes:
    """Write a request, of another length than it has where one is declared."""
    length = len(body) if declared is None else declared
    return b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (path.encode(), length, body)


class Hostile:
    """What one hostile member does, drawn from a seed."""

    def __init__(self, folder: Path, seed: int, ports: list[int], until: float) -> None:
        self._tls, self._ports, self._until = member_tls(folder), ports, until
        self._draw = random.Random(seed)  # noqa: S311 (a test's, which is to come out alike)
        self._unsigned, self._signed = far_head(folder)
        self._begun = monotonic()

    async def run(self) -> None:
        """Do everything at once until the time is over."""
        kinds: list[tuple[int, Callable[[int], Awaitable[None]]]] = [
            (17, self._drip),
            (30, self._unsigned_heads),
            (30, self._signed_heads),
            (30, self._long_polls),
            (10, self._handshakes),
            (5, self._evidence),
        ]
        await asyncio.gather(
            *(self._again(kind, port) for port in self._ports for count, kind in kinds for _ in range(count))
        )

    async def _again(self, kind: Callable[[int], Awaitable[None]], port: int) -> None:
        while monotonic() < self._until:
            # Held to its share of the processor, so that what is measured is the others' defence.
            over = process_time() - HALF * (monotonic() - self._begun)
            await asyncio.sleep(max(0.0, over) + self._draw.random() / 10)
            try:
                async with asyncio.timeout(30):
                    await kind(port)
            except (OSError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError):
                continue

    async def _send(self, port: int, data: bytes, drip: float = 0.0) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=self._tls)
        try:
            writer.write(data)
            await writer.drain()
            end = monotonic() + drip
            while monotonic() < min(end, self._until):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(1)
            await reader.read(65_536)
        finally:
            writer.transport.abort()

    async def _drip(self, port: int) -> None:
        await self._send(
            port, post(self._draw.choice(("/v1/cosign", "/v1/evidence", "/v1/engine")), b"", 8 * 1024 * 1024), drip=28
        )

    async def _unsigned_heads(self, port: int) -> None:
        await self._send(port, post("/v1/cosign", self._unsigned))

    async def _signed_heads(self, port: int) -> None:
        await self._send(port, post("/v1/cosign", self._signed))

    async def _long_polls(self, port: int) -> None:
        await self._send(port, b"GET /v1/head?size=99999999999 HTTP/1.1\r\nHost: x\r\n\r\n")

    async def _handshakes(self, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01\x02\x00")
        await writer.drain()
        await asyncio.sleep(1 + self._draw.random())
        writer.transport.abort()

    async def _evidence(self, port: int) -> None:
        await self._send(port, post("/v1/evidence", bytes(self._draw.randrange(1, 1_000_000))))


def main() -> None:
    """Run from the command line."""
    folder, seed, seconds, *ports = sys.argv[1:]
    made = Hostile(Path(folder), int(seed), [int(port) for port in ports], monotonic() + float(seconds))
    asyncio.run(made.run())


if __name__ == "__main__":
    main()
