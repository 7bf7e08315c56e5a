"""A member that does to the others' nodes whatever its certificate and its keys let it, at half a core.

Run as a process: `python -m tests.system.stage.hostile FOLDER SEED SECONDS IDENTITY FOLDER…`, with its own
node's folder, its member's key, and the others' nodes' folders for their ports. In the end it prints, as JSON, how
often each kind of attack was answered in which way.
"""

import asyncio
import json
import random
import ssl
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic, process_time, time_ns

import msgspec
from nacl.signing import SigningKey

from hanse_client import Identity
from hanse_ledger.kinds.member.bodies import ProposeChange, WithdrawChange
from hanse_ledger.misbehaviour.contradiction import contradict, write_contradiction
from hanse_ledger.proofs.heads import log_key
from hanse_ledger.records.envelope import pre_authentication, seal
from hanse_ledger.records.record import encode_record, make_record
from hanse_ledger.tlog.checkpoint import Checkpoint, body_text, log_line
from hanse_ledger.tlog.notes import Note, format_note
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import RecordId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import ledger_id, origin_of
from hanse_ledger.wire.membership import Change
from hanse_ledger.wire.part import Body
from hanse_node.base.folder import read_folder, read_keys
from tests.system.stage.consortium_processes import READER
from tests.system.stage.processes import BATCH

HALF = 0.5
FAR = 2**40
HOUR = 3_600_000
DAY = 24 * HOUR

QUESTIONS = (
    b'{"METHOD":"broadcast_tx_sync","method":"status","jsonrpc":"2.0","id":1}',
    b'{"jsonrpc":"2.0","id":1,"method":"unsafe_flush_mempool"}',
    b'{"jsonrpc":"2.0","id":1,"method":"dial_peers","params":{"peers":["x@127.0.0.1:1"],"persistent":true}}',
    b'[{"jsonrpc":"2.0","id":1,"method":"status"}]',
    b'{"jsonrpc":"2.0","id":1,"method":"commit","params":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
)


def member_tls(folder: Path) -> ssl.SSLContext:
    """Make the TLS of a member's node, that believes whoever answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(folder / "tls" / "node.key.pem")
    return context


def far_head(folder: Path, size: int = FAR, root: bytes = bytes(32)) -> tuple[bytes, bytes]:
    """Write a head of a size that will never come: unsigned, and signed by the member's own log."""
    config, genesis = read_folder(folder)[:2]
    ledger = ledger_id(genesis)
    (own,) = (each for each in genesis.membership.cosigners if each.id == config.cosigner)
    body = body_text(Checkpoint(origin_of(ledger, own.id), size, root))
    signature = SigningKey(bytes(read_keys(folder).log)).sign(body.encode()).signature
    signed = format_note(Note(body, (log_line(log_key(ledger, own), signature),)))
    return body.encode() + b"\n\xe2\x80\x94 x AAAAAAAA\n", signed


def post(path: str, body: bytes, declared: int | None = None, *, media: str = "", token: str = "") -> bytes:
    """Write a request, of another length than it has where one is declared."""
    length = len(body) if declared is None else declared
    kind = f"Content-Type: {media}\r\n" if media else ""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{kind}{_bearer(token)}"
    return f"{head}Content-Length: {length}\r\n\r\n".encode() + body


def get(path: str, token: str = "") -> bytes:
    """Write a request for something."""
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{_bearer(token)}\r\n".encode()


def _bearer(token: str) -> str:
    return f"Authorization: Bearer {token}\r\n" if token else ""


class Hostile:
    """What one hostile member does, drawn from a seed."""

    def __init__(self, folder: Path, seed: int, identity: Path, others: list[Path], until: float) -> None:
        self._folder, self._tls, self._until = folder, member_tls(folder), until
        self._identity = Identity.load(identity, None)
        settings = [read_folder(other)[0] for other in others]
        self._peers = [each.peering.port for each in settings]
        self._fronts = [each.listen.port for each in settings]
        self._engines = [int(each.comet.p2p.rpartition(":")[2]) for each in settings]
        config, genesis = read_folder(folder)[:2]
        self._member, self._ledger = config.cosigner, ledger_id(genesis)
        self._parameters = genesis.membership.parameters
        self._draw = random.Random(seed)  # noqa: S311 (a test's, which is to come out alike)
        self._unsigned, self._signed = far_head(folder)
        self._begun = monotonic()
        self.answers: Counter[str] = Counter()

    async def run(self) -> None:
        """Do everything at once until the time is over."""
        kinds: list[tuple[int, list[int], Callable[[int], Awaitable[str]]]] = [
            (17, self._peers, self._drip),
            (30, self._peers, self._unsigned_heads),
            (30, self._peers, self._signed_heads),
            (30, self._peers, self._long_polls),
            (10, self._peers, self._handshakes),
            (5, self._peers, self._false_evidence),
            (5, self._peers, self._evidence_against_itself),
            (5, self._peers, self._questions),
            (5, self._peers, self._groups),
            (30, self._fronts, self._idle),
            (20, self._fronts, self._proofs),
            (20, self._fronts, self._streams),
            (2, self._fronts, self._proposals),
            (5, self._engines, self._dials),
        ]
        await asyncio.gather(
            *(self._again(kind, port) for count, ports, kind in kinds for port in ports for _ in range(count))
        )

    async def _again(self, kind: Callable[[int], Awaitable[str]], port: int) -> None:
        name = kind.__name__.strip("_")
        while monotonic() < self._until:
            # Held to its share of the processor, so that what is measured is the others' defence.
            over = process_time() - HALF * (monotonic() - self._begun)
            await asyncio.sleep(max(0.0, over) + self._draw.random() / 10)
            try:
                async with asyncio.timeout(30):
                    answer = await kind(port)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                answer = type(error).__name__
            self.answers[f"{name}: {answer}"] += 1

    async def _send(self, port: int, data: bytes, *, plain: bool = False, drip: float = 0.0) -> str:
        """Say something, then a byte a second for a while; give the status of the answer, or that there was none."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=None if plain else self._tls)
        try:
            writer.write(data)
            await writer.drain()
            end = monotonic() + drip
            while monotonic() < min(end, self._until):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(1)
            return (await reader.read(65_536))[9:12].decode("latin-1") or "closed"
        finally:
            writer.transport.abort()

    async def _drip(self, port: int) -> str:
        path = self._draw.choice(("/v1/cosign", "/v1/evidence", "/v1/engine"))
        return await self._send(port, post(path, b"", 8 * 1024 * 1024), drip=28)

    async def _unsigned_heads(self, port: int) -> str:
        return await self._send(port, post("/v1/cosign", self._unsigned))

    async def _signed_heads(self, port: int) -> str:
        return await self._send(port, post("/v1/cosign", self._signed))

    async def _long_polls(self, port: int) -> str:
        return await self._send(port, get("/v1/head?size=99999999999"))

    async def _handshakes(self, port: int) -> str:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01\x02\x00")
        await writer.drain()
        await asyncio.sleep(1 + self._draw.random())
        writer.transport.abort()
        return "held"

    async def _false_evidence(self, port: int) -> str:
        return await self._send(port, post("/v1/evidence", bytes(self._draw.randrange(1, 1_000_000))))

    async def _evidence_against_itself(self, port: int) -> str:
        roots = [self._draw.randbytes(32) for _ in range(2)]
        one, two = (far_head(self._folder, 7, root)[1].decode() for root in roots)
        evidence = write_contradiction(contradict(self._ledger, one, two, roots[1], ()))
        return await self._send(port, post("/v1/evidence", evidence))

    async def _questions(self, port: int) -> str:
        return await self._send(port, post("/v1/engine", self._draw.choice(QUESTIONS)))

    async def _groups(self, port: int) -> str:
        return await self._send(port, get(f"/v1/group?after={self._draw.randrange(2**62)}"))

    async def _idle(self, port: int) -> str:
        return await self._send(port, b"GET / HTTP/1.1\r\nX: ", plain=True, drip=20)

    async def _proofs(self, port: int) -> str:
        return await self._send(port, get(f"/v1/proof?object={self._draw.randbytes(32).hex()}", READER), plain=True)

    async def _streams(self, port: int) -> str:
        return await self._send(port, get("/v1/events?after=0", READER), plain=True)

    async def _proposals(self, port: int) -> str:
        """Propose a change and take it back; the members' other business must not wait for either."""
        now = time_ns() // 1_000_000
        tags = tuple(sorted({*self._parameters.tag_epochs, self._draw.randrange(2, 2**31)}))
        change = Change(
            cosigners=(), members=(), parameters=msgspec.structs.replace(self._parameters, tag_epochs=tags), removed=()
        )
        proposal, data = self._record(ProposeChange(change=change, closes=now + DAY, epoch=0, member=self._member), now)
        await self._send(port, data, plain=True)
        _, data = self._record(WithdrawChange(member=self._member, proposal=proposal), now)
        return await self._send(port, data, plain=True)

    async def _dials(self, port: int) -> str:
        """Knock at an engine's door as nobody whom it knows."""
        return await self._send(port, self._draw.randbytes(64), plain=True) and "said something"

    def _record(self, body: Body, now: int) -> tuple[RecordId, bytes]:
        """Sign a record as the member; give its id, and the request that brings it."""
        nonce, signers = self._draw.randbytes(16), (self._identity.public_key,)
        record = make_record(body, ledger=self._ledger, signers=signers, nonce=nonce, created=now, expires=now + HOUR)
        data = encode_record(record)
        envelope = seal(data, (self._identity.sign(pre_authentication(data)),))
        sent = msgspec.msgpack.encode([encode(envelope)])
        return hash_bytes(data), post("/v1/records", sent, media=BATCH, token=READER)


def main() -> None:
    """Run from the command line."""
    folder, seed, seconds, identity, *others = sys.argv[1:]
    hostile = Hostile(Path(folder), int(seed), Path(identity), list(map(Path, others)), monotonic() + float(seconds))
    asyncio.run(hostile.run())
    sys.stdout.write(json.dumps(hostile.answers, sort_keys=True))


if __name__ == "__main__":
    main()
