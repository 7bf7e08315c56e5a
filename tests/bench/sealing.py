"""How many documents a second are sealed, sent to a node, fetched from it and opened, one after the other.

The node runs in a process of its own, with its disk forced as always; beside it stands what bare `pyrage` and SHA-256
take for the same bytes. `python -m tests.bench.sealing --documents 100 --bytes 1000000`
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import perf_counter, sleep

import anyio
import httpx2
import pyrage
from nacl.bindings import crypto_scalarmult_base

from hanse_client import AsyncClient
from hanse_client.base.clock import now_ms
from hanse_client.exchange.sealed.carrying import fetch_sealed, send_sealed, write_readers
from hanse_client.sealing.agefile import seal, unseal
from hanse_client.sealing.content import PayloadContent, PayloadOpening, ReaderOpening, read_content, write_content
from hanse_ledger.wire.catalogue import CommittedKind
from tests.system.stage.consortium import free_port
from tests.world.sdk_node import NodeCorridor
from tests.world.typed.desk import make_node_here

READERS = 3


def content_of(size: int, readers: tuple[ReaderOpening, ...]) -> PayloadContent:
    """Make a document of so many bytes."""
    opening = PayloadOpening(
        identities=(), kind=CommittedKind.INVOICE, readers=readers, seed=os.urandom(32), terms={"BT-1": "1"}
    )
    return PayloadContent(file=os.urandom(size), media="application/pdf", name="invoice.pdf", opening=opening)


async def travelled(url: str, home: Path, documents: int, size: int) -> dict[str, float]:
    """Have documents travel; give the seconds that each step took together."""
    secrets = [os.urandom(32) for _ in range(READERS)]
    keys = [crypto_scalarmult_base(secret) for secret in secrets]
    readers = tuple(ReaderOpening(reader=os.urandom(32), salt=os.urandom(16)) for _ in range(READERS))
    seconds = dict.fromkeys(("seal", "send", "fetch", "open"), 0.0)
    told = write_readers(readers)
    async with AsyncClient(url, home=home) as client:
        for _ in range(documents):
            content = content_of(size, readers)
            begun = perf_counter()
            sealed = seal(write_content(content), keys)
            sealing = perf_counter()
            digest = await send_sealed(client._session, sealed, told, now_ms() + 600_000)
            sent = perf_counter()
            fetched = await fetch_sealed(client._session, digest, len(sealed))
            come = perf_counter()
            assert read_content(unseal(fetched, secrets[0])) == content
            for step, took in zip(
                seconds, (sealing - begun, sent - sealing, come - sent, perf_counter() - come), strict=True
            ):
                seconds[step] += took
    return seconds


def timed(what: Callable[[], object], times: int) -> float:
    """Give the seconds that something takes, the least of several times."""
    best = float("inf")
    for _ in range(times):
        begun = perf_counter()
        what()
        best = min(best, perf_counter() - begun)
    return best


def bare(size: int) -> float:
    """Give the seconds that pyrage and SHA-256 take alone: sealed, opened, and hashed by who sends and who reads."""
    data, identity = os.urandom(size), pyrage.x25519.Identity.generate()
    recipients = [identity.to_public()] + [pyrage.x25519.Identity.generate().to_public() for _ in range(READERS - 1)]

    def both() -> None:
        sealed = pyrage.encrypt(data, recipients)
        sha256(sealed).digest()
        sha256(sealed).digest()
        pyrage.decrypt(sealed, [identity])

    return timed(both, 20)


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--bytes", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corridor, port = NodeCorridor(), free_port()
        node = make_node_here(Path(folder) / "node", corridor)
        words = (sys.executable, "-m", "hanse_node.main", node, "--host", "127.0.0.1", "--port", str(port))
        url = f"http://127.0.0.1:{port}"
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
            try:
                while not _ready(url):
                    sleep(0.1)
                seconds = anyio.run(travelled, url, Path(folder) / "home", chosen.documents, chosen.bytes)
            finally:
                process.terminate()
    whole, alone = sum(seconds.values()) / chosen.documents, bare(chosen.bytes)
    lines = [f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"]
    lines += [f"{step:>6}  {1_000 * took / chosen.documents:8.1f} ms" for step, took in seconds.items()]
    lines.append(f"   all  {1_000 * whole:8.1f} ms, {1 / whole:.1f} documents a second")
    lines.append(f"  bare  {1_000 * alone:8.1f} ms with pyrage and SHA-256: {whole / alone:.1f} times as long")
    sys.stdout.write("\n".join(lines) + "\n")


def _ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz").is_success
    except httpx2.TransportError:
        return False


if __name__ == "__main__":
    main()
