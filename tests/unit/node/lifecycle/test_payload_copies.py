"""Sealed documents in backups: they come back, what is damaged is told, and what is no document is none."""

import shutil
import tarfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace

from hanse_node.base.config import SealedDocuments, write_config
from hanse_node.base.folder import open_folder, read_folder
from hanse_node.lifecycle.backup import BackupDamaged, make_backup, read_backup
from hanse_node.lifecycle.payloadcopies import pack_payloads, unpack_payloads
from hanse_node.payloads.anew import AskingAnew
from hanse_node.payloads.knownreaders import KnownReaders, OpenedReader
from hanse_node.payloads.names import kept_path
from hanse_node.payloads.store import PayloadDiffers, PayloadStore
from tests.unit.node.lifecycle.test_node_backup import NOW, bring_back, quiet, write
from tests.world.node_ledger import make_folder

KEPT, WAITING = (bytes(7 * n % 251 for n in range(length)) for length in (3_000, 500))


def digest_of(data: bytes) -> bytes:
    """SHA-256."""
    return sha256(data).digest()


def opened(folder: Path) -> PayloadStore:
    """Open a folder's documents."""
    return PayloadStore(folder, SealedDocuments(), lambda: NOW, lambda: 0.0)


def filled(folder: Path) -> PayloadStore:
    """Put one document there that is named, one that waits, and half a one."""
    store = opened(folder)
    store.add(digest_of(KEPT), KEPT)
    store.put("token a", digest_of(WAITING), WAITING, start=0, size=len(WAITING), expires=NOW + 5)
    store.put("token a", bytes(32), b"x", start=0, size=9, expires=NOW + 5)
    return store


def test_what_is_packed_comes_back(tmp_path: Path) -> None:
    """What is named is kept again, what waits waits again, half a document is left out; twice is once."""
    (tmp_path / "old").mkdir()
    filled(tmp_path / "old")
    packed = tmp_path / "payloads.tar"
    assert pack_payloads(tmp_path / "old", packed) == 2
    for _ in range(2):
        assert unpack_payloads(packed, tmp_path / "new", NOW) == 2
        store = opened(tmp_path / "new")
        assert (store.kept(), store.waiting()) == ([digest_of(KEPT)], [digest_of(WAITING)])
    assert store.read(digest_of(KEPT)) == (KEPT, len(KEPT))


def test_who_reads_comes_back(tmp_path: Path) -> None:
    """What is known of readers is told anew by a backup, to be judged by its ledger; of what is gone nothing."""
    (tmp_path / "old").mkdir()
    known = KnownReaders(filled(tmp_path / "old").folder)
    first, second = (OpenedReader(bytes([number]) * 32, bytes(16)) for number in (1, 2))
    known.add(digest_of(KEPT), [first])
    known.add(bytes(32), [second])
    for sender in ("a" * 16, "b" * 16):
        known.tell(digest_of(WAITING), sender, [first if sender[0] == "a" else second])
    assert pack_payloads(tmp_path / "old", tmp_path / "payloads.tar") == 2
    for _ in range(2):
        assert unpack_payloads(tmp_path / "payloads.tar", tmp_path / "new", NOW) == 2
        again = KnownReaders(opened(tmp_path / "new").folder)
        assert (again.told(digest_of(KEPT)), again.of(digest_of(KEPT))) == ((first,), ())
        assert sorted(again.told(digest_of(WAITING))) == [first, second]
        assert again.told(bytes(32)) == ()


def test_where_there_are_none_no_file_is_made(tmp_path: Path) -> None:
    """A node without documents has a backup without them, also where all that it has is damaged."""
    opened(tmp_path)
    assert pack_payloads(tmp_path, tmp_path / "payloads.tar") == 0
    store = opened(tmp_path)
    store.add(digest_of(KEPT), KEPT)
    kept_path(tmp_path / "payloads", digest_of(KEPT)).write_bytes(b"rotten")
    assert pack_payloads(tmp_path, tmp_path / "payloads.tar") == 0
    assert not (tmp_path / "payloads.tar").exists()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        (f"kept/{digest_of(KEPT).hex()}", WAITING, tarfile.REGTYPE),
        (f"waiting/{digest_of(KEPT).hex()}", WAITING, tarfile.REGTYPE),
        ("../kept/x", KEPT, tarfile.REGTYPE),
        (f"/kept/{digest_of(KEPT).hex()}", KEPT, tarfile.REGTYPE),
        (f"kept/{digest_of(KEPT).hex()}", b"", tarfile.SYMTYPE),
        (f"kept/{digest_of(KEPT).hex()}", b"", tarfile.DIRTYPE),
        (f"kept/{digest_of(b'').hex()}", b"", tarfile.REGTYPE),
        (f"readers/{digest_of(KEPT).hex()}.0", bytes(47), tarfile.REGTYPE),
        (f"readers/{digest_of(KEPT).hex()}.0", bytes(48 * 33), tarfile.REGTYPE),
        (f"readers/{digest_of(KEPT).hex()}.9", bytes(48), tarfile.REGTYPE),
    ],
)
def test_nothing_else_is_unpacked(tmp_path: Path, name: str, data: bytes, kind: bytes) -> None:
    """Other bytes than the name says, paths, links and folders are refused, and nothing of them is written."""
    with tarfile.open(tmp_path / "payloads.tar", "w") as file:
        entry = tarfile.TarInfo(name)
        entry.size, entry.type, entry.linkname = len(data), kind, "/etc/passwd"
        file.addfile(entry, BytesIO(data))
    with pytest.raises(PayloadDiffers):
        unpack_payloads(tmp_path / "payloads.tar", tmp_path / "new", NOW)
    assert [path for path in (tmp_path / "new").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("end", [0, 100, 700, 2_000])
def test_a_file_that_breaks_off_is_told(tmp_path: Path, end: int) -> None:
    """No end of a broken file passes as the end of a whole one, but where not one document had begun."""
    filled(tmp_path / "old")
    pack_payloads(tmp_path / "old", tmp_path / "payloads.tar")
    broken = tmp_path / "broken.tar"
    broken.write_bytes((tmp_path / "payloads.tar").read_bytes()[:end])
    with pytest.raises(PayloadDiffers):
        unpack_payloads(broken, tmp_path / "new", NOW)


def test_a_backup_brings_the_documents_back(tmp_path: Path) -> None:
    """A whole backup of a node, restored into another folder, with its documents; a flipped bit in them is told."""
    node = make_folder(tmp_path / "node")
    with open_folder(node, {}) as folder:
        write(folder, 1)
    filled(node)
    manifest = make_backup(node, tmp_path / "backup", NOW, quiet, None)
    assert "payloads.tar" in manifest.files
    shutil.rmtree(node / "payloads")
    bring_back(tmp_path / "backup", node, processes=None)
    assert opened(node).kept() == [digest_of(KEPT)]
    assert AskingAnew(node / "payloads").since is None, "it has nobody to ask"
    settings, _ = read_folder(node, {})
    settings = replace(settings, comet=replace(settings.comet, enabled=True))
    (node / "node.toml").write_bytes(write_config(settings))
    bring_back(tmp_path / "backup", node, processes=None)
    assert AskingAnew(node / "payloads").since == NOW
    data = bytearray((tmp_path / "backup" / "payloads.tar").read_bytes())
    data[1_000] ^= 1
    (tmp_path / "backup" / "payloads.tar").write_bytes(bytes(data))
    with pytest.raises(BackupDamaged, match=r"payloads\.tar is damaged"):
        read_backup(tmp_path / "backup", quiet)
