"""A node that stores in PostgreSQL: run, killed, audited, backed up, brought back. It answers as any node does."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import URL, Connection, create_engine, text

from hanse_client.verify.offline import verify_file
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from hanse_node.main import init_node
from tests.system.stage.present import Present
from tests.system.stage.processes import environment, hanse, run_json, running_node, said
from tests.world.node_ledger import COSIGN, LOG

pytestmark = pytest.mark.system


def test_a_node_lives_in_postgresql(tmp_path: Path, postgres: URL) -> None:
    """What was acknowledged survives a kill, a backup, a damaged table and a restore; doctor says what is wrong."""
    present, folder, backup = Present(), tmp_path / "node", tmp_path / "backup"
    init_node(
        folder,
        encode(present.genesis),
        "market",
        log_seed=LOG,
        cosigning_seed=COSIGN,
        database=postgres.render_as_string(hide_password=False),
    )
    first, second = present.invoices(300), present.invoices(50)
    with running_node(folder) as node:
        node.submit(*present.parties)
        answer = node.submit(*first)
        assert {each["outcome"] for each in answer["results"]} == {"created"}
        node.process.send_signal(signal.SIGKILL)
        node.process.wait()
    with running_node(folder) as node:
        assert {each["outcome"] for each in node.submit(*first)["results"]} == {"exists"}
        proof = httpx2.get(f"{node.url}/v1/records/{first[0].id.hex()}/proof").content
        made = said("backup", backup, "--dir", folder)
        node.submit(*second)
        measures = httpx2.get(f"{node.url}/metrics").text
        assert "hanse_database_size_bytes" in measures
        size = said("log", "verify", "--dir", folder)["size"]
        assert size > made["size"]
        node.stop()
    trust = read_trust(write_trust(present.genesis))
    assert verify_file(proof, trust, present.clock()).verdict is Verdict.VALID_WITH_WARNINGS

    # Something changes a row behind the node's back.
    with _admin(postgres) as connection:
        connection.execute(text("UPDATE \"object\" SET data = data || '\\x00'::bytea WHERE number = 5"))
        connection.commit()
    code, refused = run_json("log", "verify", "--dir", folder)
    assert code != 0
    assert "object" in refused["error"]["message"]
    assert said("node", "rebuild", "--dir", folder)["size"] == size
    assert said("log", "verify", "--dir", folder)["size"] == size

    # An old backup would contradict what has been signed since.
    code, refused = run_json("restore", "--yes", backup, "--dir", folder)
    assert code != 0
    assert "has signed" in refused["error"]["message"]
    newer = tmp_path / "newer"
    said("backup", newer, "--dir", folder)
    said("restore", "--yes", newer, "--dir", folder)
    assert said("log", "verify", "--dir", folder)["size"] == size
    _code, findings = run_json("doctor", "--dir", folder)
    seen = {each["name"]: each["level"] for each in findings["findings"]}
    assert seen["database"] == "ok"
    assert seen["leftovers"] == "warning"


def test_a_server_that_is_away_is_named(tmp_path: Path) -> None:
    """A node whose database does not answer does not start, and says so; so does doctor."""
    present, folder = Present(), tmp_path / "node"
    url = f"postgresql://hanse@/nowhere?host={tmp_path}"
    init_node(folder, encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN, database=url)
    ended = subprocess.run(
        hanse("node", "run", "--dir", folder, "--port", "0"),
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        timeout=120,
    )
    assert ended.returncode != 0
    assert "database cannot be opened" in ended.stderr
    code, findings = run_json("doctor", "--dir", folder)
    assert code != 0
    (found,) = (each for each in findings["findings"] if each["name"] == "database")
    assert found["level"] == "failure"


def test_a_password_stands_in_no_setting(tmp_path: Path) -> None:
    """A URL with a password is refused, and the password is not repeated."""
    members = tmp_path / "members.toml"
    members.write_text('name = "x"\noperator = "m"\n[[members]]\nid = "m"\nname = "M"\nroles = ["bank"]\n')
    secret = tmp_path / "pw"
    secret.write_text("a passphrase of this test\n")
    secret.chmod(0o600)
    database = "postgresql://hanse:hunter2@localhost/ledger"
    words = ("node", "init", "--dir", tmp_path / "node", "--members", members, "--database", database)
    code, answer = run_json(*words, "--passphrase-file", secret)
    assert code != 0
    assert "password" in answer["error"]["message"]
    assert "hunter2" not in json.dumps(answer)


@contextmanager
def _admin(url: URL) -> Iterator[Connection]:
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
