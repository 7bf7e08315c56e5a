"""A ledger's copies, typed: audits, backups, what comes back from them, and a ledger that is handed over."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from hanse_client.home.identity import Identity
from hanse_node.base.config import SealedDocuments
from hanse_node.payloads.names import kept_path
from hanse_node.payloads.store import PayloadStore
from hanse_node.store.databases.sqlite import driver
from tests.world.typed.desk import Desk, Ended, foreign_trust, open_desk_here

pytestmark = pytest.mark.slow

MEMBERS = {"bank-a": "bank", "chamber": "origin-issuer", "customs": "customs", "market": "marketplace"}


def verify(desk: Desk, *words: str, code: int = 0) -> Ended:
    """Audit a folder, in a folder of one's own."""
    return desk.run("log", "verify", "--work", "work", *words, code=code)


def work_on(database: Path, statement: str) -> None:
    """Change a database behind its node's back."""
    connection = driver.connect(database)
    with connection:
        connection.execute(statement)
    connection.close()


@pytest.fixture
def stopped(tmp_path: Path) -> Desk:
    """Give a desk whose node has stopped, with a seller, a buyer and an invoice in its ledger."""
    with open_desk_here(tmp_path) as desk:
        pass
    return desk


def test_the_log_is_audited_from_its_first_byte(desk: Desk, tmp_path: Path) -> None:
    """Everything agrees while the node runs; one changed byte of an entry is 10; what cannot be read is 20."""
    audited = verify(desk, "--dir", "node", "--json").json
    assert (audited["agrees"], audited["ledger"]) == (True, desk.ids["ledger"])
    assert audited["records"] >= 3

    copy = tmp_path / "copy"
    shutil.copytree(desk.folder / "node", copy, ignore=shutil.ignore_patterns("node.lock"))
    source = driver.connect(desk.folder / "node" / "ledger.db")
    for left in copy.glob("ledger.db*"):
        left.unlink()
    target = driver.connect(copy / "ledger.db")
    source.backup(target)
    source.close()
    data = bytearray(target.execute("SELECT data FROM entry WHERE position = 1").fetchone()[0])
    data[-1] ^= 1
    with target:
        target.execute("UPDATE entry SET data = ? WHERE position = 1", (bytes(data),))
    target.close()
    error = verify(desk, "--dir", str(copy), "--json", code=10).json["error"]
    assert error["code"] == "audit-failed"
    assert "entry 1" in error["message"]
    (copy / "ledger.db").write_bytes(b"no database at all, and far too short a header" * 100)
    verify(desk, "--dir", str(copy), code=10)
    for left in copy.glob("ledger.db*"):
        left.unlink()
    verify(desk, "--dir", str(copy), code=20)
    verify(desk, "--dir", str(tmp_path / "none"), code=2)
    # Under the trust file of another ledger the same folder proves nothing.
    foreign_trust(desk.folder)
    verify(desk, "--dir", "node", "--trust", "foreign.json", code=12)


def test_a_backup_comes_back(desk: Desk, tmp_path: Path) -> None:
    """Taken while the node runs; shown and agreed to before it is brought back; what it brings back is whole."""
    backup, restored = str(tmp_path / "backup"), str(tmp_path / "restored")
    made = desk.run("backup", backup, "--dir", "node", "--json")
    assert (made.json["audited"], made.json["ledger"]) == (True, desk.ids["ledger"])
    assert "It holds no keys" in made.err
    desk.run("backup", backup, "--dir", "node", code=2)
    assert "not every rule again" in desk.run("backup", str(tmp_path / "quick"), "--dir", "node", "--quick").out

    back = ("restore", backup, "--dir", restored, "--keys", "node/keys", "--ask", desk.url)
    addresses = ("--listen", "127.0.0.1:8081", "--peering", "127.0.0.1:8444", "--p2p", "127.0.0.1:26656")
    unasked = desk.run(*back, *addresses, code=2)
    assert "takes over" in unasked.err
    assert not Path(restored).exists()
    desk.run(*back, "--listen", "nowhere", "--yes", code=2)
    brought = desk.run(*back, *addresses, "--yes")
    assert f"{made.json['size']}" in brought.out
    assert verify(desk, "--dir", restored, "--json").json["size"] == made.json["size"]
    assert "8081" in (Path(restored) / "node.toml").read_text()
    assert "those that the folder has" in desk.run(*back, "--yes").err


def test_no_backup_contradicts_what_was_signed(desk: Desk, tmp_path: Path) -> None:
    """Who saw a later head stops an older backup with 15; who does not answer is 30, a damaged one 10."""
    backup, checkpoint = tmp_path / "backup", tmp_path / "later.hanse"
    desk.run("backup", str(backup), "--dir", "node", "--quick")
    desk.run("proof", desk.issue(), "-o", str(checkpoint), who="seller")
    back = ("restore", str(backup), "--dir", str(tmp_path / "restored"), "--keys", "node/keys", "--yes")
    for source in (desk.url, str(checkpoint)):
        error = desk.run(*back, "--ask", source, "--json", code=15).json["error"]
        assert error["code"] == "would-contradict"
    desk.run(*back, "--ask", "http://127.0.0.1:9", code=30)
    desk.run(*back, "--ask", str(tmp_path / "none"), code=2)
    assert not (tmp_path / "restored" / "ledger.db").exists()
    data = bytearray((backup / "genesis.msgpack").read_bytes())
    data[-1] ^= 1
    (backup / "genesis.msgpack").write_bytes(data)
    assert desk.run(*back, "--json", code=10).json["error"]["code"] == "audit-failed"
    desk.run("restore", str(tmp_path), "--dir", str(tmp_path / "restored"), "--yes", code=2)


def test_a_table_that_was_lost_is_written_anew(stopped: Desk) -> None:
    """The audit names the table with 10; `node rebuild` writes it from the entries, and keeps the old file."""
    work_on(stopped.folder / "node" / "ledger.db", "DELETE FROM record WHERE position = 1")
    assert "record" in verify(stopped, "--dir", "node", "--json", code=10).json["error"]["message"]
    assert stopped.run("backup", "copy", "--dir", "node", "--json", code=10).json["error"]["code"] == "audit-failed"
    rebuilt = stopped.run("node", "rebuild", "--dir", "node")
    assert "rebuilt" in rebuilt.out
    audited = verify(stopped, "--dir", "node", "--restart")
    assert "everything agrees" in audited.out
    assert stopped.ids["ledger"] in audited.out
    stopped.run("node", "rebuild", "--dir", "nowhere", code=30)


@pytest.mark.timeout(300)
def test_a_ledger_is_handed_over(tmp_path: Path) -> None:
    """Not before the members have voted for their nodes; then once and for all, and each takes over the same ledger."""
    with open_desk_here(tmp_path) as desk:
        for name, role in MEMBERS.items():
            keys = [
                Identity.load(tmp_path / "node" / "keys" / kind / f"{name}.pem").public_key.hex()
                for kind in ("members", "spare")
            ]
            words = ("--member", name, "--name", f"The {name}", "--role", role, "--key", keys[0], "--spare", keys[1])
            where = ("--url", "https://127.0.0.1:1", "--p2p", "127.0.0.1:2", "--dir", name)
            desk.run("network", "prepare", *words, *where)
        assert "Another process" in desk.run("network", "hand-over", "copy", "--dir", "node", code=30).err
        parts = [f"{name}/member.json" for name in MEMBERS]
        admitted = [word for part in parts for word in ("--admit", part)]
        proposed = desk.run("member", "propose", *admitted, who="market")
        assert "node of chamber" in proposed.err
        for who in ("bank-a", "chamber", "customs"):
            voted = desk.run("member", "vote", proposed.out, "--approve", who=who)
        assert "accepted; waits for the nodes of" in voted.err
        assert "accepted; waits for the nodes of" in desk.run("member", "show").out
    document = sha256(b"sealed").digest()
    PayloadStore(tmp_path / "node", SealedDocuments(), lambda: 0, lambda: 0.0).add(document, b"sealed")
    handed = desk.run("network", "hand-over", "copy", "--dir", "node")
    # Every member gets the copy: nobody's sealed documents are in it, nor who reads them.
    assert not (tmp_path / "copy" / "payloads.tar").exists()
    assert "network take-over copy PARTS" in handed.err
    assert "handed over" in desk.run("node", "run", "--dir", "node", code=30).err
    take = ("network", "take-over", "copy", *parts, "--dir", "chamber")
    desk.run(*take, code=2)
    assert "has handed its ledger over" in desk.run(*take, "--yes", "--quick", "--documents", "bank-a", code=30).err
    taken = desk.run(*take, "--yes", "--wan", "--quick", "--documents", "node")
    assert kept_path(tmp_path / "chamber" / "payloads", document).read_bytes() == b"sealed"
    assert (tmp_path / "chamber" / "payloads" / "ask-anew").exists()
    assert desk.ids["ledger"] in taken.out
    assert "hanse node run --dir chamber" in taken.err
    assert verify(desk, "--dir", "chamber", "--json").json["ledger"] == desk.ids["ledger"]
    desk.run(*take, "--yes", code=30)
