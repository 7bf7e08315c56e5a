"""Every command of the page about keys in tokens runs, in its order, in one shell."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hanse_cli.base.background import clean_environment
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "hsm.md"


@pytest.mark.slow
def test_every_command_of_the_page_runs(soft_tokens: Path, tmp_path: Path) -> None:
    """Whoever types what the page says has an identity whose key is in a token."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    (tmp_path / "passphrase").write_text("correct horse\n")
    (tmp_path / "passphrase").chmod(0o600)
    settings = {"HANSE_PASSPHRASE_FILE": str(tmp_path / "passphrase"), "SOFTHSM2_CONF": os.environ["SOFTHSM2_CONF"]}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "\n".join(blocks).replace("/usr/lib/softhsm/libsofthsm2.so", str(soft_tokens))
    told = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**clean_environment(), **settings, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "was made there" in told.stderr
    assert "token=counter;object=officer" in (tmp_path / "officer.pem").read_text()
