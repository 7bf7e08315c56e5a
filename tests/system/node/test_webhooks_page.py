"""docs/webhooks.md: its receiver and its commands run as they stand there."""

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from hanse_ledger.wire.codec import encode
from hanse_node.main import init_node
from tests.system.stage.present import Present
from tests.system.stage.processes import environment, running_node
from tests.world.node_ledger import COSIGN, LOG

pytestmark = pytest.mark.system


def blocks(page: str, language: str) -> list[str]:
    """Take the blocks of a language out of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_the_page_runs(root: Path, tmp_path: Path) -> None:
    """Whoever copies the receiver, and types the commands, sees what happens in the ledger."""
    page = (root / "docs" / "webhooks.md").read_text("utf-8")
    (program,), (settings,), (adding, looking) = (blocks(page, each) for each in ("python", "toml", "sh"))
    present = Present()
    node = tmp_path / "node"
    init_node(node, encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
    written = (node / "node.toml").read_text()
    changed = written.replace('[webhooks]\ninside = ""\n', settings)
    assert changed != written
    (node / "node.toml").write_text(changed)
    (tmp_path / "receiver.py").write_text(program)
    replay, *others = looking.splitlines(keepends=True)
    waiting = "until grep -q hanse.invoice.issue happened.txt; do sleep 0.2; done\n"
    script = "set -euxo pipefail\n" + adding + replay + waiting + "".join(others)
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with running_node(node) as process:
        process.submit(*present.parties)
        (invoice,) = present.invoices(1)
        process.submit(invoice)
        shell = subprocess.Popen(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={**environment(), "PATH": tools},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = shell.communicate(timeout=100)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            said, _ = shell.communicate()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
        process.stop()
    assert shell.returncode == 0, said[-4_000:]
    assert (tmp_path / "erp.secret").stat().st_mode & 0o077 == 0
    happened = (tmp_path / "happened.txt").read_text().splitlines()
    assert happened[0].startswith("hanse.webhook.try")
    kinds = [line.split()[0] for line in happened if "try" not in line]
    assert kinds == ["hanse.party.enrol", "hanse.party.enrol", "hanse.invoice.issue"]
