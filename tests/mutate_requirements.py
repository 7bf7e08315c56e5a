"""Delete each requirement of the rules in turn, and insist that a test of the rules fails.

A script, because it runs the tests a hundred times:

    python tests/mutate_requirements.py

It works on a copy of the package and prints what no test misses. Exit code 1 says that there is such a requirement, 2
that the tests fail as they are.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ledger" / "hanse_ledger"
SOURCES = [*sorted((PACKAGE / "kinds").rglob("*.py")), PACKAGE / "transition.py"]
TESTS = [*sorted((ROOT / "tests" / "unit" / "ledger" / "kinds").glob("test_*.py"))]
REQUIRES = ("require", "_require", "find_", "check_")


class Mutant(NamedTuple):
    """A requirement to be deleted: the statement from the first to the last line of a file, counted from 1."""

    path: Path
    first: int
    last: int
    indent: int

    def __str__(self) -> str:
        """Name the requirement by its place and its words."""
        lines = self.path.read_text("utf-8").splitlines()[self.first - 1 : self.last]
        words = " ".join(line.strip() for line in lines)
        return f"{self.path.relative_to(ROOT)}:{self.first}: {words[:100]}"


def mutants() -> Iterator[Mutant]:
    """Walk over the statements that are nothing but a requirement."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.end_lineno is not None:
                name = ast.unparse(node.value.func)
                if name.startswith(REQUIRES):
                    yield Mutant(path, node.lineno, node.end_lineno, node.col_offset)


def survives(mutant: Mutant | None) -> bool:
    """Delete a requirement, or nothing, in a copy of the package, and tell whether all tests still pass."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "hanse_ledger"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        if mutant is not None:
            target = copy / mutant.path.relative_to(PACKAGE)
            lines = target.read_text("utf-8").splitlines()
            lines[mutant.first - 1 : mutant.last] = [" " * mutant.indent + "pass"]
            target.write_text("\n".join(lines) + "\n", "utf-8")
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *map(str, TESTS)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=False,
        )
    return ran.returncode == 0


def main() -> int:
    """Try every mutant, and list the survivors."""
    if not survives(None):
        sys.stdout.write("the tests fail before anything is deleted\n")
        return 2
    every = list(mutants())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        alive = [mutant for mutant, lives in zip(every, pool.map(survives, every), strict=True) if lives]
    sys.stdout.write("".join(f"no test misses {mutant}\n" for mutant in alive))
    sys.stdout.write(f"{len(every)} requirements deleted in turn, {len(alive)} of them unnoticed\n")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
