"""`docs/architecture.md` is the tree: what it names is there, and no module at the top of a package is left out."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "architecture.md"
SECTIONS = {
    "ledger": ROOT / "ledger" / "hanse_ledger",
    "documents": ROOT / "ledger" / "hanse_documents",
    "files and calls": ROOT / "ledger" / "hanse_io",
    "SDK": ROOT / "client" / "hanse_client",
    "command line": ROOT / "client" / "hanse_cli",
    "node": ROOT / "node" / "hanse_node",
}
NAMED = re.compile(r"[a-z_0-9/]+\.py|[a-z_]+/(?=[\s,;:])")


def section(title: str) -> str:
    """Give the list of a package's modules."""
    _, _, rest = PAGE.read_text("utf-8").partition(f"## The {title}, ")
    return rest.partition("```\n")[2].partition("\n```")[0]


@pytest.mark.parametrize(("title", "folder"), SECTIONS.items(), ids=SECTIONS)
def test_every_module_has_its_line(title: str, folder: Path) -> None:
    """Each at the top of the package once, or the folder that holds it; and nothing that is gone."""
    text = section(title)
    named = Counter(NAMED.findall(text))
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.py")}
    names = {Path(name).name for name in files}
    gone = [name for name in named if name.endswith(".py") and name not in files and name not in names]
    gone += [name for name in named if name.endswith("/") and not list(folder.rglob(name.rstrip("/")))]
    assert gone == []
    top = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    top |= {f"{path.name}/" for path in folder.iterdir() if (path / "__init__.py").is_file()}
    assert sorted(name for name in top if not any(seen.startswith(name) for seen in named)) == []
    first = Counter(word for line in text.splitlines() for word in NAMED.findall(line.split("  ")[0]))
    assert [name for name, count in first.items() if count > 1] == []


def test_the_questions_lead_to_files() -> None:
    """Every path in the table of questions is there; one without its package is of the package named before it."""
    table = PAGE.read_text("utf-8").partition("## The ledger")[0]
    checked, gone = 0, []
    for row in table.splitlines():
        folder = ROOT
        for path in re.findall(r"`([\w/.]+(?:\.py|/))`", row):
            if path.split("/")[0] in {"ledger", "client", "node", "tests"}:
                found = ROOT / path
                folder = ROOT.joinpath(*Path(path).parts[:2])
            else:
                found = next(
                    (place / path for place in (folder, found.parent) if (place / path).exists()), folder / path
                )
            checked += 1
            gone += [] if found.exists() else [path]
    assert checked > 20
    assert gone == []
