"""Key rings: gathered, sealed, read by other tools, and put back whole or not at all."""

import errno
import gzip
import io
import os
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from hanse_client.base.errors import HanseError, InvalidInput, SetupError
from hanse_client.client import Client
from hanse_client.home.identity import Identity
from hanse_client.ring import recovering
from hanse_client.ring.agering import (
    one_time_key,
    open_by_passphrase,
    open_on_device,
    seal_by_passphrase,
    seal_to_device,
)
from hanse_client.ring.backups import made_note, note_backup, ring_status
from hanse_client.ring.recovering import recover
from hanse_client.ring.recoverycodes import new_code
from hanse_client.ring.ringfile import MANIFEST, Ring, read_ring, write_ring
from hanse_client.ring.ringkeys import KeyRing
from hanse_client.ring.ringmaking import NamedIdentity, gather
from hanse_io.durable import write_whole

SELLER = Identity("seller", bytes(range(32)), bytes(range(32, 64)))
OTHER = Identity("other", bytes(range(64, 96)), bytes(range(96, 128)))


def home_with(folder: Path) -> Path:
    """Make a home folder with one file of each sort, and what no ring holds."""
    for name in ("openings/aa.json", "registered/bb.json", "heads/cc.json", "heads/cc.newer", "sealed/dd.age"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(f"what {name} holds".encode())
    for name in ("fetched/part", "registered/.lock", "heads/cc.lock", "openings/.hanse-1.part"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"left out")
    return folder


def a_ring(home: Path, *identities: Identity) -> Ring:
    """Gather a ring of a home folder."""
    return gather(home, [NamedIdentity(name=each.name, identity=each) for each in identities or (SELLER,)], None)


def test_a_ring_holds_what_cannot_be_made_again(tmp_path: Path) -> None:
    """Identities and all folders that a client keeps go in; locks and halves of files do not."""
    ring = a_ring(home_with(tmp_path), SELLER, OTHER)
    kept = {"openings/aa.json", "registered/bb.json", "heads/cc.json", "heads/cc.newer", "sealed/dd.age"}
    assert set(ring.files) == {"keys/seller.pem", "keys/other.pem", *kept}
    assert Identity.read(ring.files["keys/seller.pem"].data).public_key == SELLER.public_key
    read = read_ring(write_ring(ring))
    assert read.manifest == ring.manifest
    assert {name: file.data for name, file in read.files.items()} == {
        name: file.data for name, file in ring.files.items()
    }
    assert SELLER.to_bytes(None).hex() not in repr(read)


def test_two_identities_of_one_name_both_go_in(tmp_path: Path) -> None:
    """The second gets a number."""
    ring = a_ring(tmp_path, SELLER, Identity("seller", bytes(32), bytes(range(32))))
    assert set(ring.files) == {"keys/seller.pem", "keys/seller-2.pem"}


def test_a_backup_without_a_key_is_none(tmp_path: Path) -> None:
    """Nothing is called a backup that holds no key."""
    with pytest.raises(InvalidInput, match="no identity to keep"):
        gather(home_with(tmp_path), [], None)


@pytest.mark.slow
def test_a_ring_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    """The passphrase opens it; another one, a changed byte and a cut file do not, and say so in words."""
    plain, code = write_ring(a_ring(tmp_path)), new_code()
    sealed = seal_by_passphrase(plain, code)
    assert plain not in sealed
    assert open_by_passphrase(sealed, code) == plain
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for data, typed in ((sealed, new_code()), (changed, code), (sealed[:-20], code)):
        with pytest.raises(InvalidInput, match="cannot be opened: the passphrase or code is another one's"):
            open_by_passphrase(data, typed)
    with pytest.raises(InvalidInput, match="no age file"):
        open_by_passphrase(plain, code)


def test_age_and_tar_open_a_ring(require_tool: Callable[[str], Path], tmp_path: Path) -> None:
    """Whoever has no Hanse any more opens a ring with the reference implementation of age, and tar."""
    secret, public = one_time_key()
    (tmp_path / "key").write_text(f"{secret}\n")
    (tmp_path / "ring.age").write_bytes(seal_to_device(write_ring(a_ring(home_with(tmp_path / "home"))), public))
    opened = subprocess.run(
        [require_tool("age"), "-d", "-i", tmp_path / "key", tmp_path / "ring.age"], capture_output=True, check=True
    )
    (tmp_path / "out").mkdir()
    subprocess.run([require_tool("tar"), "xz", "-C", tmp_path / "out"], input=opened.stdout, check=True)
    assert (tmp_path / "out" / "openings" / "aa.json").read_bytes() == b"what openings/aa.json holds"
    key = tmp_path / "out" / "keys" / "seller.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert Identity.load(key).public_key == SELLER.public_key


def test_a_ring_to_another_device_is_not_opened(tmp_path: Path) -> None:
    """A ring opens with the one-time key that it was sealed to alone."""
    sealed = seal_to_device(write_ring(a_ring(tmp_path)), one_time_key()[1])
    with pytest.raises(InvalidInput, match="sealed to another device's key"):
        open_on_device(sealed, one_time_key()[0])


def test_a_ring_comes_back_into_an_empty_folder(tmp_path: Path) -> None:
    """All is there again, closed to others, with its times; the identities under the new passphrase."""
    source, target = home_with(tmp_path / "old"), tmp_path / "new"
    ring = read_ring(write_ring(a_ring(source)))
    placed = recover(ring, target, b"new words", {})
    assert (placed.placed, placed.equal, placed.stayed) == (6, 0, ())
    assert placed.identities == {SELLER.public_key: target / "keys" / "seller.pem"}
    assert Identity.load(target / "keys" / "seller.pem", b"new words").encryption_key == SELLER.encryption_key
    for name in ("openings/aa.json", "heads/cc.newer"):
        assert (target / name).read_bytes() == (source / name).read_bytes()
        assert stat.S_IMODE((target / name).stat().st_mode) == 0o600
        assert int((target / name).stat().st_mtime) == int((source / name).stat().st_mtime)
    assert not (target / "recovering").exists()
    again = recover(ring, target, None, KeyRing(target).public_keys())
    assert (again.placed, again.equal) == (0, 6)


def test_nothing_that_is_there_is_replaced(tmp_path: Path) -> None:
    """What changes with each call stays as it is there; an identity of the same name gets another one."""
    home = home_with(tmp_path)
    ring = a_ring(home)
    (home / "heads" / "cc.json").write_bytes(b"newer")
    OTHER.save(home / "keys" / "seller.pem", None)
    placed = recover(ring, home, None, KeyRing(home).public_keys())
    assert placed.stayed == ("heads/cc.json",)
    assert (home / "heads" / "cc.json").read_bytes() == b"newer"
    assert Identity.load(home / "keys" / "seller.pem").public_key == OTHER.public_key
    beside = placed.identities[SELLER.public_key]
    assert beside.name.startswith("seller-")
    assert Identity.load(beside).public_key == SELLER.public_key


def test_an_opening_that_contradicts_the_ring_stops_all(tmp_path: Path) -> None:
    """Two openings of one object cannot both be right: nothing is written then."""
    ring = a_ring(home_with(tmp_path / "old"))
    (tmp_path / "new" / "openings").mkdir(parents=True)
    (tmp_path / "new" / "openings" / "aa.json").write_bytes(b"another")
    with pytest.raises(InvalidInput, match=r"other files than the ring under the same names: openings/aa\.json"):
        recover(ring, tmp_path / "new", None, {})
    assert [path.name for path in (tmp_path / "new").rglob("*") if path.is_file() and path.name[0] != "."] == [
        "aa.json"
    ]


def test_a_full_disk_takes_everything_away_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one file cannot be written, none of the ring is there afterwards, and the next try is whole."""
    ring, target, real = a_ring(home_with(tmp_path / "old")), tmp_path / "new", write_whole

    def full(path: Path, data: bytes, *, replace: bool) -> None:
        if path.name == "bb.json":
            raise OSError(28, "No space left on device")
        real(path, data, replace=replace)

    monkeypatch.setattr(recovering, "write_whole", full)
    with pytest.raises(SetupError, match="cannot be written: No space left on device"):
        recover(ring, target, None, {})
    assert [path.name for path in target.rglob("*") if path.is_file() and path.name[0] != "."] == []
    monkeypatch.undo()
    assert recover(ring, target, None, {}).placed == 6


KILLED = """
import sys
from pathlib import Path
from hanse_client.ring import recovering
from hanse_client.ring.ringfile import read_ring

left, real = int(sys.argv[3]), recovering.write_whole

def counted(path, data, *, replace):
    global left
    if left == 0:
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    real(path, data, replace=replace)

recovering.write_whole = counted
recovering.recover(read_ring(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2]), b"words", {})
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", range(6))
def test_a_killed_recovery_is_finished_by_the_next_one(tmp_path: Path, after: int) -> None:
    """Killed after any of its files, the home folder is opened by nobody; the same command makes it whole."""
    ring, target = a_ring(home_with(tmp_path / "old")), tmp_path / "new"
    (tmp_path / "ring").write_bytes(write_ring(ring))
    words = [sys.executable, "-c", KILLED, str(tmp_path / "ring"), str(target), str(after)]
    assert subprocess.run(words, check=False, capture_output=True).returncode == -9
    with pytest.raises(SetupError, match="that was interrupted"):
        Client("http://127.0.0.1:9", home=target)
    other = a_ring(tmp_path, OTHER)
    with pytest.raises(InvalidInput, match="Another key ring was being recovered"):
        recover(other, target, None, {})
    placed = recover(ring, target, b"words", KeyRing(target).public_keys())
    assert placed.placed + placed.equal == 6
    assert Identity.load(placed.identities[SELLER.public_key], b"words").public_key == SELLER.public_key
    Client("http://127.0.0.1:9", home=target).close()


@pytest.mark.slow
def test_a_killed_recovery_that_meets_a_full_disk_stays_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the killed one had written lies there still: the home folder is opened by nobody until it is whole."""
    ring, target = a_ring(home_with(tmp_path / "old")), tmp_path / "new"
    (tmp_path / "ring").write_bytes(write_ring(ring))
    words = [sys.executable, "-c", KILLED, str(tmp_path / "ring"), str(target), "2"]
    assert subprocess.run(words, check=False, capture_output=True).returncode == -9

    def full(path: Path, data: bytes, *, replace: bool) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(recovering, "write_whole", full)
        with pytest.raises(SetupError, match="No space left"):
            recover(ring, target, b"words", KeyRing(target).public_keys())
    with pytest.raises(SetupError, match="that was interrupted"):
        Client("http://127.0.0.1:9", home=target)
    placed = recover(ring, target, b"words", KeyRing(target).public_keys())
    assert placed.placed + placed.equal == 6
    Client("http://127.0.0.1:9", home=target).close()


def _tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for info, data in entries:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(
    "name",
    ["../escaped", "/etc/passwd", "openings/../../x", "openings/a/b", "keys/x.sh", "heads/.hidden", "other/x", "x"],
)
def test_a_hostile_ring_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    """Whoever seals a ring chooses no name outside of what a home folder has."""
    ring = a_ring(tmp_path)
    manifest = tarfile.TarInfo(MANIFEST)
    with pytest.raises(InvalidInput, match="This is no key ring: it holds"):
        read_ring(_tar((manifest, b"{}"), (tarfile.TarInfo(name), b"x")))
    assert read_ring(write_ring(ring)).manifest == ring.manifest


def test_links_and_repeated_names_are_refused() -> None:
    """A link leads anywhere, and of two files of one name one would be hidden."""
    link = tarfile.TarInfo("openings/aa.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    twice = (tarfile.TarInfo("openings/aa.json"), b"1"), (tarfile.TarInfo("openings/aa.json"), b"2")
    for data in (
        _tar((link, b"")),
        _tar(*twice),
        b"",
        b"no gzip",
        gzip.compress(b"no tar"),
        _tar(),
        _tar(twice[0])[:-9],
    ):
        with pytest.raises(InvalidInput, match="This is no key ring"):
            read_ring(data)


def test_a_ring_that_unfolds_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is small when it is packed and huge when it is not is left before it is taken up."""
    monkeypatch.setattr("hanse_client.ring.ringfile.RING_BYTES", 1_000)
    monkeypatch.setattr("hanse_client.ring.ringfile.RING_FILES", 1)
    with pytest.raises(InvalidInput, match="larger than a ring may be"):
        read_ring(_tar((tarfile.TarInfo("openings/aa.json"), bytes(2_000_000))))


def test_a_ring_of_another_release_is_named(tmp_path: Path) -> None:
    """A later form is told by its number."""
    ring = a_ring(tmp_path)
    later = write_ring(replace(ring, manifest=replace(ring.manifest, format="hanse.keyring/2")))
    with pytest.raises(HanseError, match="is of another release"):
        read_ring(later)


def test_what_has_come_since_the_last_backup_is_counted(tmp_path: Path) -> None:
    """Without a backup all counts; after one only what is newer, by folder; the note survives."""
    home = home_with(tmp_path)
    assert ring_status(home).last is None
    assert ring_status(home).newer == {"heads": 2, "openings": 1, "registered": 1, "sealed": 1}
    hour_ago = time.time() - 3_600
    for path in home.rglob("*.*"):
        os.utime(path, (hour_ago, hour_ago))
    ring = a_ring(home)
    note_backup(home, made_note(tmp_path / "ring.age", (SELLER.public_key,), ring.manifest.made))
    assert ring_status(home).newer == {}
    (home / "openings" / "ee.json").write_bytes(b"new")
    os.utime(home / "openings" / "ee.json", (time.time() + 1, time.time() + 1))
    status = ring_status(home)
    assert status.newer == {"openings": 1}
    assert status.last is not None
    assert status.last.keys == (SELLER.public_key,)
