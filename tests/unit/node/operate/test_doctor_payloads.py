"""The doctor looks at sealed documents: damaged, missing, strange, too many; and leaves all as it is."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from hanse_ledger.wire.codec import encode
from hanse_node.base.bounds import PAYLOAD_GIVEN_UP_MS
from hanse_node.base.config import SealedDocuments
from hanse_node.operate import doctor_payloads
from hanse_node.operate.diagnosis import Level
from hanse_node.operate.doctor import examine
from hanse_node.operate.doctor_payloads import DAY_MS, examine_payloads
from hanse_node.payloads.anew import ask_anew
from hanse_node.payloads.knownreaders import KnownReaders, OpenedReader
from hanse_node.payloads.names import kept_path
from hanse_node.payloads.store import PayloadStore
from hanse_node.payloads.wanted import Want
from tests.world.node_ledger import HOUR, START, make_folder

NOW = START + HOUR
DATA = b"sealed bytes"
DIGEST = sha256(DATA).digest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a document that is kept, one that waits, half a one, and what is known of readers."""
    store = PayloadStore(tmp_path, SealedDocuments(), lambda: NOW, lambda: 0.0)
    store.add(DIGEST, DATA)
    store.put("token", sha256(b"waits").digest(), b"waits", start=0, size=5, expires=NOW + 5)
    store.put("token", bytes(32), b"half", start=0, size=9, expires=NOW + 5)
    KnownReaders(store.folder).add(DIGEST, [OpenedReader(bytes(32), bytes(16))])
    return tmp_path


def look(folder: Path, *, now: int = NOW, consortium: bool = True, mebibytes: int = 8) -> list[tuple[Level, str, str]]:
    """Examine, and give level, what was seen and what to do."""
    found = examine_payloads(folder, SealedDocuments(mebibytes=mebibytes), now, consortium=consortium)
    return [(each.level, each.seen, each.fix) for each in found]


def test_what_is_sound(folder: Path, tmp_path: Path) -> None:
    """It is counted, and nothing changes; a folder without any is sound too."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert look(folder) == [(Level.OK, "1 kept, 2 waiting for their records; 26 bytes", "")]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert look(tmp_path / "nowhere") == [(Level.OK, "none yet", "")]


def test_the_doctor_of_a_node_looks_at_them(tmp_path: Path) -> None:
    """It is one of the things that `hanse doctor` looks at."""
    node = make_folder(tmp_path / "node")
    PayloadStore(node, SealedDocuments(), lambda: NOW, lambda: 0.0).add(DIGEST, DATA)
    kept_path(node / "payloads", DIGEST).write_bytes(b"other bytes.")
    (found,) = [each for each in examine(node, {}, NOW) if each.name == "sealed documents" and each.level != Level.OK]
    assert DIGEST.hex() in found.seen


def lost(folder: Path) -> None:
    """Lose a file."""
    kept_path(folder / "payloads", DIGEST).unlink()


def damaged(folder: Path) -> None:
    """Flip a bit."""
    kept_path(folder / "payloads", DIGEST).write_bytes(b"sealed byteS")


def large(folder: Path) -> None:
    """Put more there than a document may have."""
    with kept_path(folder / "payloads", DIGEST).open("wb") as file:
        file.truncate(9 * 1024 * 1024)


def strange(folder: Path) -> None:
    """Put something else there, and a document in another's place."""
    (folder / "payloads" / "kept" / "notes.txt").write_bytes(b"of somebody's")
    (folder / "payloads" / "kept" / "zz").mkdir()
    (folder / "payloads" / "kept" / "zz" / DIGEST.hex()).symlink_to("/etc/passwd")


def given_up(folder: Path) -> None:
    """Want one for too long."""
    (folder / "payloads" / "wanted").mkdir(exist_ok=True)
    want = Want(digest=bytes([7] * 32), holders=("bank",), since=NOW - PAYLOAD_GIVEN_UP_MS - 1, size=9)
    (folder / "payloads" / "wanted" / want.digest.hex()).write_bytes(encode(want))


@pytest.mark.parametrize(
    ("break_it", "level", "seen", "fix"),
    [
        (lost, Level.WARNING, f"1 are known, and their bytes are not here: {DIGEST.hex()}", "Start the node"),
        (damaged, Level.FAILURE, "1 of 1 that were hashed are not what their names say", "fetches them"),
        (large, Level.FAILURE, "1 of 1 that were hashed are not what their names say", "fetches them"),
        (strange, Level.WARNING, "2 files are none of the node's: kept/notes.txt, kept/zz/", "move them away"),
        (given_up, Level.WARNING, f"1 have not come in 30 days: {'07' * 32}", "bank"),
    ],
)
def test_what_is_wrong(folder: Path, break_it: Callable[[Path], None], level: Level, seen: str, fix: str) -> None:
    """Each is named, with what to do."""
    break_it(folder)
    (found,) = [each for each in look(folder) if each[0] is not Level.OK and "MiB of at most" not in each[1]]
    assert found[0] is level
    assert seen in found[1]
    assert fix in found[2]


def test_where_there_is_nobody_to_fetch_from(folder: Path) -> None:
    """A node alone is told of backups and senders."""
    lost(folder)
    assert "hanse restore" in look(folder, consortium=False)[0][2]


def test_what_is_to_come_is_said(folder: Path) -> None:
    """What is wanted is not missing; that others are asked is said."""
    lost(folder)
    (folder / "payloads" / "wanted").mkdir()
    want = Want(digest=DIGEST, holders=("bank",), since=NOW, size=9)
    (folder / "payloads" / "wanted" / DIGEST.hex()).write_bytes(encode(want))
    ask_anew(folder, NOW)
    assert {each[0] for each in look(folder)} == {Level.OK}
    assert [each[1].partition(" ")[0] for each in look(folder)] == ["1", "the", "0"]


def test_the_room_is_told(folder: Path) -> None:
    """What waits counts with all the bytes that it will have."""
    store = PayloadStore(folder, SealedDocuments(), lambda: NOW, lambda: 0.0)
    store.put("other", bytes([1] * 32), b"x", start=0, size=8 * 1024 * 1024, expires=NOW + 5)
    ((level, seen, fix),) = look(folder)
    assert (level, "8 MiB of at most 8 MiB" in seen, "mebibytes" in fix) == (Level.WARNING, True, True)


def test_of_many_a_part_is_hashed_each_day(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No look takes longer than to hash a bounded part; within some days all of it was looked at."""
    store = PayloadStore(folder, SealedDocuments(), lambda: NOW, lambda: 0.0)
    for number in range(20):
        store.add(sha256(bytes([number])).digest(), bytes([number]))
    monkeypatch.setattr(doctor_payloads, "HASHED_BYTES", 20)
    damaged(folder)
    looks = [look(folder, now=NOW + day * DAY_MS) for day in range(256)]
    assert any(each[0][0] is Level.FAILURE for each in looks)
    assert any("were hashed, and are what their names say; other ones tomorrow" in each[0][1] for each in looks)
