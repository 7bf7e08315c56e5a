"""Calls to liars: what they answer ends within bounds of memory, processor and time, in a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from hanse_io.outgoing import Answer, NoAnswer, Outgoing, ask_and_wait
from hanse_io.outgoing import calls as calls_module
from tests.conftest import ROOT
from tests.world.hostile import forms, hostile
from tests.world.slowness import slowness

MOST_BYTES = 32 * 1024 * 1024
MOST_SECONDS = 0.1
MOST_MEASURES = 4
BODY_BYTES = 16 * 1024 * 1024
"""The most that anybody asks for: a proof file."""

TIME_LIMIT = 0.8

# Peak memory of this process alone, from the moment of the reset on: /proc/self/clear_refs, 5.
PROGRAM = """
import asyncio, gc, json, sys, time
from contextlib import aclosing
from hanse_io.outgoing import Outgoing

def status(name):
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith(name))

async def call(calls, name, events, most):
    if events:
        async with aclosing(calls.events("/" + name, idle_seconds=calls._seconds)) as stream:
            async for event in stream:
                raise AssertionError("an event came")
    else:
        await calls.ask("GET", "/" + name, most=most)

async def measured(url, name, events, most, seconds):
    async with Outgoing(url, seconds=seconds) as calls:
        if url.startswith("http:"):
            await calls.ask("GET", "/honest", most=9)
        gc.collect()
        open("/proc/self/clear_refs", "w").write("5")
        memory, processor, begun = status("VmRSS"), time.process_time(), time.monotonic()
        try:
            await call(calls, name, events, most)
            error = None
        except Exception as raised:
            error = raised
        return {
            "name": name, "error": type(error).__name__, "words": str(error),
            "bytes": status("VmHWM") - memory, "processor": time.process_time() - processor,
            "seconds": time.monotonic() - begun,
        }

for line in sys.stdin:
    print(json.dumps(asyncio.run(measured(**json.loads(line)))), flush=True)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Run the liar."""
    with hostile() as url:
        yield url


@pytest.fixture(scope="module")
def victim() -> Iterator[subprocess.Popen[str]]:
    """Run the process that calls it."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0


def measure(victim: subprocess.Popen[str], **asked: Any) -> dict[str, Any]:
    """Have the victim make a call, and tell what came of it and what it took."""
    assert victim.stdin is not None
    assert victim.stdout is not None
    victim.stdin.write(json.dumps({"most": BODY_BYTES, "seconds": TIME_LIMIT, **asked}) + "\n")
    victim.stdin.flush()
    told: dict[str, Any] = json.loads(victim.stdout.readline())
    return told


@pytest.mark.parametrize("name", sorted(forms()))
def test_a_hostile_answer_ends_within_bounds(server: str, victim: subprocess.Popen[str], name: str) -> None:
    """Each form is refused in words, with at most 32 MiB and 100 ms of processor, and in time."""
    form = forms()[name]
    for _ in range(MOST_MEASURES):  # the first call loads what the next use, and a neighbour costs processor too
        told = measure(victim, url=server, name=name, events=form.events)
        if told["processor"] <= MOST_SECONDS / 2 and told["bytes"] <= MOST_BYTES / 2:
            break
    assert (told["error"], form.words in told["words"]) == (form.error, True), told
    assert told["bytes"] <= MOST_BYTES, told
    assert told["processor"] <= MOST_SECONDS * slowness(), told
    assert told["seconds"] <= 3 * TIME_LIMIT, told


def test_tls_that_never_finishes_its_handshake_ends(server: str, victim: subprocess.Popen[str]) -> None:
    """A listener that takes a connection and says nothing holds nobody, under TLS either."""
    told = measure(victim, url=server.replace("http", "https"), name="silent", events=False)
    assert told["error"] == "NoAnswer", told
    assert told["bytes"] <= MOST_BYTES, told
    assert told["processor"] <= MOST_SECONDS * slowness(), told
    assert told["seconds"] <= 3 * TIME_LIMIT, told


def test_connections_are_used_again_after_answers_and_not_after_lies(server: str) -> None:
    """One call after the other goes over one connection; a connection on which a lie came is closed."""
    opened: list[int] = []

    async def main() -> None:
        async with Outgoing(server, seconds=5) as calls:
            for _ in range(3):
                assert (await calls.ask("GET", "/honest", most=2)).body == b"ok"
            opened.append(len(calls._pool.connections))
            with pytest.raises(Exception, match="encoded"):
                await calls.ask("GET", "/br", most=9)
            opened.append(len(calls._pool.connections))

    anyio.run(main)
    assert opened == [1, 0]


def test_who_sends_much_is_given_time(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    """A large body on a slow line is no liar's: time grows with what comes. One byte a second gains nothing."""
    begun = time.monotonic()
    with pytest.raises(NoAnswer):
        ask_and_wait(server, "/drip-body", most=99, seconds=1)
    assert time.monotonic() - begun < 2.5
    monkeypatch.setattr(calls_module, "BYTES_A_SECOND", 8)

    async def main() -> None:
        async with Outgoing(server, seconds=0.5) as calls:
            await calls.ask("POST", "/silent", most=99, body=bytes(12))

    begun = time.monotonic()
    with pytest.raises(NoAnswer):
        anyio.run(main)
    assert 1.9 < time.monotonic() - begun < 4


def test_a_call_goes_over_a_unix_socket(tmp_path: Path) -> None:
    """With `socket` the address names the host in words alone; where nobody listens, nobody answers."""
    path = tmp_path / "s"
    asked: list[bytes] = []

    async def serve(stream: anyio.abc.ByteStream) -> None:
        async with stream:
            asked.append(await stream.receive())
            await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def main() -> Answer:
        listener = await anyio.create_unix_listener(path)
        async with (
            listener,
            anyio.create_task_group() as tasks,
            Outgoing("http://engine", seconds=5, socket=path) as it,
        ):
            tasks.start_soon(listener.serve, serve)
            answer = await it.ask("POST", "/", most=9, body=b"{}")
            tasks.cancel_scope.cancel()
        return answer

    assert anyio.run(main).body == b"ok"
    assert asked[0].startswith(b"POST / HTTP/1.1\r\nHost: engine\r\nAccept-Encoding: identity\r\n")
    with pytest.raises(NoAnswer):
        ask_and_wait("http://engine", "/status", most=9, seconds=5, socket=tmp_path / "nobody")
