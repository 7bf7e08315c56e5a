"""docs/clients.md as its reader does it: two clients are generated, compiled, and ask a running node."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hanse_ledger.proofs.trustfile import write_trust
from hanse_node.signing.tokens import Scope
from tests.conftest import ROOT, give_up
from tests.system.stage.processes import hanse
from tests.world.sdk_node import NodeCorridor, running_node
from tests.world.sdk_world import World
from tests.world.tokens import keep_tokens, token_of

PAGE, LOCKED = ROOT / "docs" / "clients.md", ROOT / "tests" / "clients"
TOOLS = ROOT / ".cache" / "clients"
TOKEN = "reads-and-nothing-else"

pytestmark = pytest.mark.system


def blocks(section: str, kind: str) -> list[str]:
    """Give the blocks of a kind in a section of the page."""
    text = PAGE.read_text("utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


class Asked(NamedTuple):
    """A running node with an invoice in it, what its clients print, and what the SDK finds of its proof."""

    url: str
    folder: Path
    invoice: str
    printed: list[str]
    verdict: str


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Run a node that asks who reads, and have an invoice issued with the SDK."""
    folder = tmp_path_factory.mktemp("clients")
    corridor = NodeCorridor("clients")
    node = corridor.make_node(folder / "node")
    keep_tokens(node / "keys" / "tokens", token_of(TOKEN, "reader", [Scope.READ]))
    with running_node(node) as url:
        world = World(url, corridor, folder / "home")
        receipt = world.issue()
        with world.client("seller") as seller:
            head = seller.head().size
            assert receipt.object_id is not None
            verdict = seller.verify(seller.proof(receipt.object_id)).verdict
        (folder / "trust.json").write_bytes(write_trust(corridor.genesis))
        printed = [
            "invoice issued: 515000 EUR open",
            f"record invoice.issue at {receipt.position}",
            f"list 1 of {head}, a node's word",
            f"head {head}",
            "event hanse.party.enrol at 1",
            "event hanse.party.enrol at 3",
            "refused 404 not-found",
            "refused 401 unauthorized",
        ]
        yield Asked(url, folder, receipt.object_id.hex(), printed, verdict)


@pytest.fixture(scope="module")
def tools() -> Path:
    """Give what makes clients."""
    if not (TOOLS / "installed").exists():
        give_up("needs what makes clients in other languages: `make clients` brings it")
    return TOOLS


def run(folder: Path, words: str, asked: Asked | None = None) -> "subprocess.CompletedProcess[str]":
    """Type commands of the page in a folder, with the tools at hand and nothing fetched."""
    given = {} if asked is None else {"HANSE_NODE": asked.url, "HANSE_TOKEN": TOKEN, "INVOICE": asked.invoice}
    path = os.pathsep.join([str(TOOLS / "python" / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-euc", words],
        cwd=folder,
        env={**os.environ, "PATH": path, "npm_config_offline": "true", **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def must(folder: Path, words: str, asked: Asked | None = None) -> str:
    """Type commands that must succeed; give what they print."""
    answer = run(folder, words, asked)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def use(folder: Path, section: str, asked: Asked) -> None:
    """Run what was made as the page says, and hold what it prints against what the SDK knows."""
    (folder / "trust.json").write_bytes((asked.folder / "trust.json").read_bytes())
    (program,) = blocks(section, "sh run")
    asking, verifying = program.splitlines()
    assert must(folder, asking, asked).splitlines() == asked.printed
    assert verifying == "hanse verify invoice.hanse --trust trust.json"
    verified = subprocess.run(hanse(*verifying.split()[1:], "--json"), cwd=folder, capture_output=True, check=False)
    assert json.loads(verified.stdout)["verdict"] == asked.verdict, verified


def test_what_the_page_installs_is_what_is_tested() -> None:
    """The versions on the page are those of the locks, which name no place from where they come."""
    wanted = json.loads((LOCKED / "package.json").read_text("utf-8"))["devDependencies"]
    lock = (LOCKED / "package-lock.json").read_text("utf-8")
    assert json.loads(lock)["packages"][""]["devDependencies"] == wanted
    assert "://" not in lock
    (install,) = blocks("TypeScript", "sh install")
    assert dict(re.findall(r"(\S+)@(\d\S*)", install)) == wanted
    (install,) = blocks("Python", "sh install")
    assert f"\n{install.split()[-1]} \\\n" in (ROOT / ".ci" / "clients.lock").read_text("utf-8")


def test_the_description_is_openapi(tools: Path) -> None:
    """By the schema and the rules of OpenAPI 3.1."""
    said = must(ROOT, "openapi-spec-validator --schema 3.1 docs/openapi.json")
    assert "OK" in said


def typescript(folder: Path) -> Path:
    """Lay out a folder as the page's installation does."""
    (folder / "node_modules").symlink_to(TOOLS / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "openapi.json").write_bytes((ROOT / "docs" / "openapi.json").read_bytes())
    return folder


def test_a_typescript_client_asks_a_node(tools: Path, tmp_path: Path, asked: Asked) -> None:
    """Generated, compiled strictly, run; what looks at no kind, asks for no path or reads no field does not compile."""
    folder = typescript(tmp_path)
    generating, compiling = blocks("TypeScript", "sh generate")
    (program,) = blocks("TypeScript", "ts")
    must(folder, generating)
    (folder / "reader.ts").write_text(program, "utf-8")
    must(folder, compiling)
    use(folder, "TypeScript", asked)
    narrowed = 'if (object.kind !== "invoice") throw new Error(`${object.id} is no invoice`);\n'
    for right, wrong in (
        (narrowed, ""),
        ('"/v1/trust"', '"/v1/trusts"'),
        ("absent.error?.code", "absent.error?.colour"),
    ):
        assert right in program
        program = program.replace(right, wrong)
    (folder / "reader.ts").write_text(program, "utf-8")
    errors = run(folder, compiling).stdout
    assert all(each in errors for each in ("'amounts'", "Expected 2 arguments", "'colour'")), errors


def test_a_python_client_asks_a_node(tools: Path, tmp_path: Path, asked: Asked) -> None:
    """It is generated without a warning, type-checked strictly, and run."""
    (generating,) = blocks("Python", "sh generate")
    (program,) = blocks("Python", "python")
    (settings,) = blocks("Python", "json")
    (tmp_path / "generator.json").write_text(settings)
    (tmp_path / "openapi.json").write_bytes((ROOT / "docs" / "openapi.json").read_bytes())
    must(tmp_path, generating)
    (tmp_path / "reader.py").write_text(program, "utf-8")
    checking = "python -m mypy --strict --follow-imports silent --config-file /dev/null --python-executable"
    must(tmp_path, f"{Path(sys.executable).parent}/{checking} {tools}/python/bin/python reader.py")
    use(tmp_path, "Python", asked)


def test_a_node_gives_the_description_to_whoever_bears_a_token(tmp_path: Path, asked: Asked) -> None:
    """The page's own way of getting it, which gets what is published with the release."""
    (words,) = blocks("Where the description comes from", "sh")
    must(tmp_path, words, asked)
    assert (tmp_path / "openapi.json").read_bytes() == (ROOT / "docs" / "openapi.json").read_bytes()
