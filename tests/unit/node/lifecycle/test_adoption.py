"""A backup's settings decide nothing about the machine on which a node is restored."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_cli.base.errors import AuditFailed, CannotAudit
from hanse_cli.with_node.auditing import audit_folder
from hanse_node.base.config import (
    SECTIONS,
    Comet,
    Config,
    KnownEngine,
    Limits,
    Listen,
    Peering,
    Quotas,
    ReadLogKept,
    parse_config,
    write_config,
)
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.adoption import TAKEN, Own, adopt, left, taken
from hanse_node.lifecycle.backup import MANIFEST, OWN_DATABASE, BackupDamaged, make_backup, read_backup
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.store.databases.sqlite import driver
from tests.world.node_ledger import START, fixed_clock, make_folder

HOSTILE = Config(
    comet=Comet(
        enabled=True, keep_blocks=7, one_machine=True, p2p="0.0.0.0:1", program="/srv/evil", snapshot=True, wide=True
    ),
    cosigner="bank",
    database="postgresql://evil@10.0.0.1/x?passfile=/srv/.pgpass",
    engines={"ab" * 20: KnownEngine(address="evil:1", member="evil", observer=True, validator_key="cd" * 32)},
    follow=True,
    limits=Limits(queue_records=5_000),
    listen=Listen(host="evil", port=80),
    peering=Peering(host="evil", port=81),
    peers={"evil": "https://evil:1"},
    quotas=Quotas(key_records_per_second=3),
    reads=ReadLogKept(office_delay_hours=9),
    token_file="/srv/tokens",
)
OWN = Own(
    listen=Listen(host="127.0.0.1", port=1),
    peering=Peering(host="127.0.0.2", port=2),
    p2p="127.0.0.3:3",
    keys=Path("safe"),
)


def test_only_the_closed_list_is_taken_over() -> None:
    """Program, addresses, paths, database, peers and engines of the backup are gone; numbers and kind are kept."""
    found = adopt(HOSTILE, OWN)
    assert found == Config(
        comet=Comet(enabled=True, keep_blocks=7, p2p="127.0.0.3:3", wide=True),
        cosigner="bank",
        database=OWN_DATABASE,
        follow=True,
        limits=HOSTILE.limits,
        listen=OWN.listen,
        peering=Peering(host="127.0.0.2", port=2),
        quotas=HOSTILE.quotas,
        reads=HOSTILE.reads,
    )


def test_what_is_left_out_is_named() -> None:
    """Each setting that the backup had and the node does not get, with its value; and each that it gets."""
    assert {name for name, _ in left(HOSTILE)} == {
        "comet.one_machine",
        "comet.p2p",
        "comet.program",
        "comet.snapshot",
        "database",
        f"engines.{'ab' * 20}",
        "listen.host",
        "listen.port",
        "peering.host",
        "peering.port",
        "peers.evil",
        "token_file",
    }
    assert dict(taken(HOSTILE))["limits.queue_records"] == "5000"
    assert dict(taken(HOSTILE))["comet.enabled"] == "true"
    assert list(left(Config(cosigner="bank"))) == []


def test_a_consortium_s_node_is_told_where_it_is_reached() -> None:
    """Without that nothing is restored: the backup does not decide it."""
    for own in (Own(), replace(OWN, p2p=None), replace(OWN, peering=None)):
        with pytest.raises(CannotStart, match="does not decide where this one is reached"):
            adopt(HOSTILE, own)
    assert not adopt(replace(HOSTILE, comet=Comet()), Own()).comet.enabled


def test_every_setting_is_decided_upon() -> None:
    """A text can come from a backup only where its form is closed; whoever adds a setting decides here."""
    for section, names in TAKEN.items():
        kind = SECTIONS[section] if section else Config
        for name in names:
            (field,) = (each for each in msgspec.structs.fields(kind) if each.name == name)
            sample = getattr(HOSTILE if not section else getattr(HOSTILE, section), name)
            assert isinstance(sample, int) or name == "cosigner", (section, field.name)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_text_of_a_backup_survives(program: str, tokens: str, database: str) -> None:
    """Whatever stands there."""
    hostile = replace(HOSTILE, comet=replace(HOSTILE.comet, program=program), token_file=tokens, database=database)
    assert adopt(hostile, OWN) == adopt(HOSTILE, OWN)


def test_what_is_adopted_can_be_read_again() -> None:
    """The settings that are written are settings."""
    assert parse_config(write_config(adopt(HOSTILE, OWN)), {}) == adopt(HOSTILE, OWN)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Give the backup of a node that has begun."""
    with open_folder(make_folder(tmp_path / "node"), {}) as folder:
        store, _ = start_ledger(folder, fixed_clock())
        store.close()
    make_backup(tmp_path / "node", tmp_path / "backup", START, _quiet, None)
    return tmp_path / "backup"


def _quiet(_words: str, _done: int, _total: int) -> None:
    """Be told how far something has come."""


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('database = "sqlite:///ledger.db"', 'database = "postgresql://evil@127.0.0.1:1/x?passfile=/srv/.pgpass"'),
        ('database = "sqlite:///ledger.db"', 'database = "sqlite:////srv/another.db"'),
        ('cosigner = "market"', 'cosigner = "bank"'),
    ],
)
def test_a_backup_that_names_another_database_is_none(backup: Path, was: str, now: str) -> None:
    """Whoever made it wrote its manifest too: its settings still lead nowhere else, neither restored nor audited."""
    settings = backup / "node.toml"
    assert was in settings.read_text()
    settings.write_text(settings.read_text().replace(was, now))
    manifest = msgspec.json.decode((backup / MANIFEST).read_bytes())
    data = settings.read_bytes()
    manifest["files"]["node.toml"] = {"bytes": len(data), "sha256": b64encode(sha256(data).digest()).decode()}
    (backup / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(BackupDamaged, match=r"name another database|another ledger or node"):
        read_backup(backup, _quiet)
    if "database" in was:
        with pytest.raises(CannotAudit, match="another database than its own"):
            audit_folder(backup, None, _quiet)


def test_an_audit_leaves_a_backup_as_it_was(backup: Path, tmp_path: Path) -> None:
    """An auditor looks at the only copy that there is: afterwards it is the one that was made, and can be restored."""
    before = {path.name: path.read_bytes() for path in backup.iterdir()}
    assert audit_folder(backup, None, _quiet, work=tmp_path / "work").size > 0
    assert {path.name: path.read_bytes() for path in backup.iterdir()} == before
    read_backup(backup, _quiet)


def test_an_audit_of_a_changed_backup_finds_it(backup: Path, tmp_path: Path) -> None:
    """Nor does it take a file that nobody writes for one that is in order."""
    database = driver.connect(backup / "ledger.db")
    database.execute("UPDATE entry SET data = zeroblob(40)")
    database.commit()
    database.close()
    with pytest.raises(AuditFailed, match="the leaf stored beside it"):
        audit_folder(backup, None, _quiet, work=tmp_path / "work")
