"""A node's folder: what is made, and what keeps it from being opened."""

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hanse_ledger.wire.codec import encode
from hanse_node.base.config import Config
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import create_folder, open_folder
from tests.world.node_ledger import COSIGN, GENESIS, LOG, digest, make_folder, make_genesis


def test_a_new_folder_opens(tmp_path: Path) -> None:
    """What is created is found again: settings, genesis, keys; the secrets are their owner's alone."""
    path = make_folder(tmp_path / "node")
    with open_folder(path, {}) as folder:
        assert folder.config.cosigner == "market"
        assert folder.genesis == GENESIS
        assert folder.keys.log.encode() == LOG
        assert folder.keys.cosigning.encode() == COSIGN
        assert folder.database.database == str(path / "ledger.db")
        assert folder.token_file == path / "keys" / "tokens"
    for name in ("keys/log.pem", "keys/cosign.pem"):
        assert stat.S_IMODE((path / name).stat().st_mode) == 0o600
        assert (path / name).read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_a_folder_is_never_created_over_another(tmp_path: Path) -> None:
    """Creating a second node in a folder is refused, and the first one's keys stay."""
    path = make_folder(tmp_path / "node")
    with pytest.raises(CannotStart, match="holds a node already"):
        make_folder(path)
    open_folder(path, {}).close()


@pytest.mark.parametrize(
    ("log", "cosign", "cosigner", "reason"),
    [
        (COSIGN, COSIGN, "market", "log.pem is not the key"),
        (LOG, LOG, "market", "cosign.pem is not the key"),
        (LOG, COSIGN, "bank", "names no cosigner 'bank'"),
    ],
)
def test_a_folder_needs_the_genesis_s_keys(
    tmp_path: Path, log: bytes, cosign: bytes, cosigner: str, reason: str
) -> None:
    """Keys that the genesis does not name are refused before anything is written."""
    with pytest.raises(CannotStart, match=reason):
        create_folder(tmp_path / "node", GENESIS, log_seed=log, cosigning_seed=cosign, config=Config(cosigner=cosigner))
    assert not (tmp_path / "node").exists()


@pytest.mark.parametrize(
    "database", ["mysql://db/ledger", "postgresql://db", "sqlite://", "sqlite:///:memory:", "ledger.db"]
)
def test_only_sqlite_and_postgresql_are_databases(tmp_path: Path, database: str) -> None:
    """A database of which this release knows nothing is refused with an example of a right one."""
    path = make_folder(tmp_path / "node")
    with pytest.raises(CannotStart) as caught:
        open_folder(path, {"HANSE_NODE_DATABASE": database})
    assert "sqlite:///ledger.db" in caught.value.next_step


def test_a_second_opening_is_refused(tmp_path: Path) -> None:
    """A folder that is open cannot be opened again until it is closed."""
    path = make_folder(tmp_path / "node")
    with open_folder(path, {}), pytest.raises(CannotStart, match="Another process has"):
        open_folder(path, {})
    open_folder(path, {}).close()


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    """Another process learns that the folder is in use, and may have it afterwards."""
    path = make_folder(tmp_path / "node")
    program = (
        "import sys, pathlib; from hanse_node.base import folder; folder.open_folder(pathlib.Path(sys.argv[1]), {})"
    )

    def start() -> str:
        return subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
        ).stderr

    with open_folder(path, {}):
        assert "CannotStart: Another process has" in start()
    assert start() == ""


def _loosen(path: Path) -> None:
    (path / "keys/log.pem").chmod(0o640)


def _swap_keys(path: Path) -> None:
    (path / "keys/log.pem").write_bytes((path / "keys/cosign.pem").read_bytes())


def _spoil_key(path: Path) -> None:
    (path / "keys/cosign.pem").write_bytes(b"no key")


def _lose_key(path: Path) -> None:
    (path / "keys/cosign.pem").unlink()


def _swell_genesis(path: Path) -> None:
    (path / "genesis.msgpack").write_bytes(bytes(3 * 1024 * 1024))


def _spoil_genesis(path: Path) -> None:
    (path / "genesis.msgpack").write_bytes(encode(GENESIS) + b"\0")


def _other_genesis(path: Path) -> None:
    other = make_genesis("other corridor")
    cosigner = other.membership.cosigners[0].__class__(
        cosigning_key=digest(1), id="market", log_key=digest(2), ml_dsa_key=None
    )
    membership = other.membership.__class__(
        cosigners=(cosigner,),
        epoch=0,
        members=other.membership.members,
        parameters=other.membership.parameters,
    )
    (path / "genesis.msgpack").write_bytes(
        encode(other.__class__(created=1, membership=membership, name="x", nonce=bytes(16), version=2))
    )


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_loosen, "can be read by other users"),
        (_swap_keys, "log.pem is not the key"),
        (_spoil_key, "not an unencrypted PKCS#8 key"),
        (_lose_key, "cannot be read"),
        (_swell_genesis, "has more than"),
        (_spoil_genesis, "genesis.msgpack is damaged"),
        (_other_genesis, "log.pem is not the key"),
    ],
)
def test_a_damaged_folder_is_refused(tmp_path: Path, damage: Callable[[Path], None], reason: str) -> None:
    """Whatever is wrong with the folder is said, with what to do about it, and the lock stays free."""
    path = make_folder(tmp_path / "node")
    damage(path)
    with pytest.raises(CannotStart, match=reason) as caught:
        open_folder(path, {})
    assert caught.value.next_step
    assert not (path / "node.lock").exists()


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """Where there is no node, the reason says so."""
    with pytest.raises(CannotStart, match="cannot be read"):
        open_folder(tmp_path / "nothing", {})
