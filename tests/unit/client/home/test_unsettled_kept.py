"""What is kept of what is said: one program at a time, swept after crashes, and nothing of another's is taken away."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from hanse_client import Identity
from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.home.drafts import LIFETIME_MS, draft
from hanse_client.home.openings import Opening
from hanse_client.home.registered import KEPT, Registered
from hanse_client.home.turns import take_turn
from hanse_client.home.unsettled import KEPT_MS, Sendings
from hanse_ledger.kinds.invoice.bodies import CancelInvoice
from hanse_ledger.records.envelope import Signed
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.codec import encode
from tests.conftest import ROOT

LEDGER = b"\x01" * 32
SOON = 30

HOLD = """
import sys, time
from pathlib import Path
from hanse_client.home.turns import take_turn
turn = take_turn(Path(sys.argv[1]))
print("none" if turn is None else "held", flush=True)
sys.stdin.readline()
turn.end()
"""

KEEP = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.unit.client.home.test_unsettled_kept import keep_some
keep_some(Path(sys.argv[1]))
"""


def signed(number: int) -> Signed:
    """Give a record of its own."""
    identity = Identity.generate("buyer")
    body = CancelInvoice(invoice=number.to_bytes(32))
    return draft(body, LEDGER, (identity.public_key,), time.time_ns() // 1_000_000, LIFETIME_MS).sign(identity).signed()


def opening() -> Opening:
    """Give the opening of one document."""
    kind = CommittedKind.INVOICE
    return Opening(
        discoverable=False, file_digest=b"\x02" * 32, kind=kind, name="a.xml", seed=b"\x03" * 32, terms={"BT-1": "1"}
    )


def keep_some(home: Path) -> None:
    """Keep four records of one document, as a program does that registers it four times."""
    for _ in range(4):
        Registered(home).keep(LEDGER, b"party", opening(), encode(signed(1).envelope))


def holder(path: Path) -> "subprocess.Popen[str]":
    """Run a program that holds a lock."""
    program = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "held\n"
    return program


def test_one_holds_a_lock_and_nothing_is_left(tmp_path: Path) -> None:
    """Neither a program nor a call beside takes what is held; a program that is killed holds nothing."""
    path = tmp_path / "folder" / "a.lock"
    turn = take_turn(path)
    assert turn is not None
    assert take_turn(path) is None
    turn.end()
    assert list(path.parent.iterdir()) == []
    with holder(path) as program:
        assert take_turn(path) is None
        program.send_signal(signal.SIGKILL)
        program.wait(SOON)
    assert path.exists()
    after = take_turn(path)
    assert after is not None
    after.end()
    assert list(path.parent.iterdir()) == []


def test_no_record_is_lost_of_programs_that_register_beside_each_other(tmp_path: Path) -> None:
    """Four programs keep four records each of the same document: all sixteen are there."""
    words = [sys.executable, "-c", KEEP, str(tmp_path), str(ROOT)]
    programs = [subprocess.Popen(words) for _ in range(4)]
    assert [each.wait(SOON * 2) for each in programs] == [0] * 4
    found = Registered(tmp_path).find(LEDGER, b"party", opening())
    assert len({each.id for each in found}) == KEPT == 16


def test_who_waited_and_finds_nothing_says_nothing(tmp_path: Path) -> None:
    """Another program said the same, and it is settled by now: nobody knows whether another one is meant."""
    sendings = Sendings(tmp_path)
    place = tmp_path / "unsettled" / "aa.json"

    async def say() -> None:
        async with sendings.saying(place):
            raise AssertionError("nothing may be said")

    with holder(place.with_suffix(".lock")) as program:

        async def both() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(say)
                await anyio.sleep(0.1)
                assert program.stdin is not None
                program.stdin.write("\n")
                program.stdin.flush()

        with pytest.raises(ExceptionGroup) as caught:
            anyio.run(both)
        (error,) = caught.value.exceptions
        assert isinstance(error, InvalidInput)
        assert "Nothing was sent" in error.message


def test_who_waits_for_another_program_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes to no end: that is said, and nothing is sent."""
    monkeypatch.setattr("hanse_client.home.unsettled.WAIT_SECONDS", 0.2)
    place = tmp_path / "unsettled" / "aa.json"

    async def say() -> None:
        async with Sendings(tmp_path).saying(place):
            raise AssertionError("nothing may be said")

    with holder(place.with_suffix(".lock")) as program:
        with pytest.raises(SetupError, match="Nothing was sent"):
            anyio.run(say)
        program.kill()


def test_another_program_s_record_is_given_and_left(tmp_path: Path) -> None:
    """What is under way elsewhere is sent too, and stays in the keeping of that other program."""
    sendings = Sendings(tmp_path)
    place = tmp_path / "unsettled" / "aa.json"
    record = signed(1)

    async def say() -> None:
        async with sendings.saying(place) as said:
            sendings.keep(said, record)
        kept = place.read_bytes()
        with holder(place.with_suffix(".lock")) as program:
            async with sendings.saying(place) as said:
                assert said.before is not None
                assert said.before.id == record.id
                sendings.keep(said, signed(2))
                sendings.forget(said)
            sendings.forget_standing(place, record.id)
            assert place.read_bytes() == kept
            program.kill()
        sendings.forget_standing(place, signed(3).id)
        assert place.read_bytes() == kept
        sendings.forget_standing(place, record.id)
        assert not place.exists()

    anyio.run(say)


def test_what_crashes_have_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    """A week after it was written, with what belongs to it; what is younger stays, and so does a lock that is held."""
    folder = tmp_path / "unsettled"
    folder.mkdir()
    old = time.time() - KEPT_MS / 1_000 - 60
    names = ("11.json", "11.lock", ".hanse-1-aa.part", "22.json", "22.lock", ".hanse-1-bb.part", "33.lock", "notes.txt")
    for name in names:
        (folder / name).write_bytes(b"")
    held = take_turn(folder / "33.lock")
    for name in (*names[:3], "33.lock", "notes.txt"):
        os.utime(folder / name, (old, old))

    async def say() -> None:
        async with Sendings(tmp_path).saying(folder / "aa.json"):
            pass

    anyio.run(say)
    assert sorted(path.name for path in folder.iterdir()) == sorted((*names[3:7], "notes.txt"))
    assert held is not None
    held.end()
