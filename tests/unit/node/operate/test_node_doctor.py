"""The doctor: what is broken in a folder is found, named with its fix, and left as it is."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.member.bodies import ProposeChange
from hanse_ledger.wire.membership import Change
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.operate.diagnosis import Diagnosis, Level
from hanse_node.operate.doctor import examine
from hanse_node.store.databases.revision import REVISIONS
from hanse_node.store.databases.sqlite import driver
from hanse_node.whereabouts import forget_address, main, note_address
from tests.world.node_ledger import (
    GENESIS,
    HOUR,
    MARKET,
    PARTIES,
    START,
    commit,
    fixed_clock,
    invoice,
    make_folder,
    party,
    sign,
)

CLOCK = fixed_clock()


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Give a node's folder with a few records, stopped in good order."""
    path = make_folder(tmp_path / "node")
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        commit(store, *PARTIES, invoice(1), sign=signer.sign)
        store.close()
    return path


def look(node: Path, environment: dict[str, str] | None = None, now: int = START + HOUR) -> dict[str, Diagnosis]:
    """Examine a folder, and give the findings by name."""
    return {each.name: each for each in examine(node, environment or {}, now)}


def test_a_sound_folder_is_sound(node: Path) -> None:
    """Everything is looked at, nothing is to be done, and nothing has changed."""
    before = {path: path.read_bytes() for path in node.rglob("*") if path.is_file()}
    found = look(node)
    assert {each.level for each in found.values()} == {Level.OK}, found
    assert found["database"].seen == f"5 entries, 3 objects, schema {REVISIONS[-1]}"
    assert "5 entries signed" in found["high-water mark"].seen
    assert {path: path.read_bytes() for path in node.rglob("*") if path.is_file()} == before


def test_a_folder_is_looked_at_while_a_node_runs(node: Path) -> None:
    """The lock is held by somebody else; that nothing answers where it said so, or that it has not, is seen."""
    with open_folder(node, {}):
        early = look(node)
        note_address(node, "http://127.0.0.1:1")
        found = look(node)
        forget_address(node)
    assert found["process"].seen == "a node runs on the folder"
    assert "has not said yet where it answers" in early["answers"].seen
    assert found["answers"].level is Level.WARNING
    assert "http://127.0.0.1:1 does not answer" in found["answers"].seen
    assert main(node) == 1
    assert found["flush"].seen == "not measured while the node runs"


def lose_entries(node: Path, after: int) -> None:
    """Take the entries from a position on out of the database."""
    database = driver.connect(node / "ledger.db")
    database.execute("DELETE FROM entry WHERE position >= ?", (after,))
    database.commit()
    database.close()


def old_database(node: Path) -> None:
    """Put an older database in the place of the present one."""
    kept = (node / "ledger.db").read_bytes()
    with open_folder(node, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        commit(store, invoice(2), sign=signer.sign)
        store.close()
    (node / "ledger.db").write_bytes(kept)


def open_tokens(node: Path) -> None:
    """Leave a token file open to others."""
    (node / "keys" / "tokens").write_text("t" * 20)
    (node / "keys" / "tokens").chmod(0o644)


BREAKS: list[tuple[str, Callable[[Path], object], str, str]] = [
    ("a key that others may read", lambda node: os.chmod(node / "keys" / "log.pem", 0o644), "keys", "chmod 600"),
    ("a key that is gone", lambda node: (node / "keys" / "cosign.pem").unlink(), "keys", "restore"),
    (
        "another key",
        lambda node: (node / "keys" / "log.pem").write_bytes((node / "keys" / "cosign.pem").read_bytes()),
        "keys",
        "own key",
    ),
    ("no settings", lambda node: (node / "node.toml").unlink(), "settings and genesis", "restore the file"),
    (
        "bad settings",
        lambda node: (node / "node.toml").write_text("x = ["),
        "settings and genesis",
        "Correct node.toml",
    ),
    ("bad genesis", lambda node: (node / "genesis.msgpack").write_bytes(b"x"), "settings and genesis", "another node"),
    ("no mark", lambda node: (node / "highwater").unlink(), "high-water mark", "own disk"),
    ("a damaged mark", lambda node: (node / "highwater").write_bytes(b"x" * 8_192), "high-water mark", "own disk"),
    ("rubbish for a database", lambda node: (node / "ledger.db").write_bytes(b"x" * 9_000), "database", "rebuild"),
    ("a lost entry", lambda node: lose_entries(node, 4), "database", "rebuild"),
    ("no entries", lambda node: lose_entries(node, 0), "database", "rebuild"),
    ("an old database", old_database, "high-water mark", "newest database"),
    ("tokens that others may read", open_tokens, "tokens", "chmod 600"),
]


@pytest.mark.parametrize(("damage", "name", "fix"), [each[1:] for each in BREAKS], ids=[each[0] for each in BREAKS])
def test_what_is_broken_is_named_with_its_fix(
    node: Path, damage: Callable[[Path], object], name: str, fix: str
) -> None:
    """One thing at a time; the others are still looked at."""
    damage(node)
    found = look(node)
    assert found[name].level is Level.FAILURE, found
    assert fix in found[name].fix
    assert found["python"].level is Level.OK


def test_what_deserves_a_warning(node: Path) -> None:
    """A clock that runs behind, what a restore has left, a folder open to others, an address that others reach."""
    (node / "ledger.db.before-1").write_bytes(b"old")
    node.chmod(0o777)
    found = look(node, {"HANSE_NODE_LISTEN_HOST": "192.0.2.1"}, now=START)
    assert found["clock"].level is Level.WARNING
    assert found["leftovers"].level is Level.WARNING
    assert found["rights"].level is Level.WARNING
    assert found["tokens"].level is Level.FAILURE
    (node / "ledger.db").unlink()
    assert look(node)["database"].level is Level.WARNING


def test_no_folder_is_no_crash(tmp_path: Path) -> None:
    """Where there is nothing, that is the finding."""
    assert look(tmp_path / "nowhere")["folder"].level is Level.FAILURE


def test_what_hangs_on_who_is_gone_is_counted(node: Path) -> None:
    """In a real database, by the members' own vote: the only member's keys end, and its parties hang on it."""
    (market,) = GENESIS.membership.members
    held = tuple(replace(key, valid_until=START + 2 * HOUR) for key in market.keys)
    change = Change(cosigners=(), members=(replace(market, keys=held),), parameters=None, removed=())
    body = ProposeChange(change=change, closes=START + 24 * HOUR, epoch=0, member="market")
    with open_folder(node, {}) as folder:
        store, signer = start_ledger(folder, CLOCK)
        commit(store, sign(body, MARKET, nonce="change"), sign=signer.sign)
        assert look(node)["what hangs on them"].level is Level.OK
        store.close()
    found = look(node, now=START + 3 * HOUR)["what hangs on them"]
    assert found.level is Level.WARNING
    said, _, first = found.seen.partition(", the first ")
    assert said == "2 parties whose member market has no key that counts"
    assert first in {party("seller").hex(), party("buyer").hex()}
    assert "hanse party request-move" in found.fix


def test_a_ledger_ahead_of_the_present_is_told_with_whose_clock(node: Path) -> None:
    """As `readyz` says it; and no number of seconds is below zero."""
    found = look(node, now=START - HOUR)
    assert "the clock of market's node was ahead" in found["clock"].seen
    assert found["clock"].level is Level.WARNING
    assert found["database"].level is Level.OK
    assert "-" not in found["high-water mark"].seen.partition("signed")[2]
