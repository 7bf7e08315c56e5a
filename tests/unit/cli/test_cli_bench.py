"""What the benchmarks say of the machine."""

import pytest

from hanse_cli.bench.work import machine, python_build


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"CONFIG_ARGS": "'--enable-optimizations' '--with-lto'"}, "PGO and LTO"),
        ({"CONFIG_ARGS": "'--prefix=/usr'", "PY_CFLAGS": "-O3 -fprofile-use"}, "PGO"),
        ({"CONFIG_ARGS": "", "PY_LDFLAGS_NODIST": "-flto=auto"}, "LTO"),
        ({"CONFIG_ARGS": "'--enable-shared'", "PGO_PROF_USE_FLAG": "-fprofile-use"}, "not known"),
        ({"CONFIG_ARGS": None}, "not known"),
        ({}, "not known"),
    ],
)
def test_how_python_was_built_is_said(variables: dict[str, object], words: str) -> None:
    """What the build's own settings name, and nothing that they only could have used."""
    assert python_build(variables) == words


def test_the_machine_says_how_its_python_was_built() -> None:
    """The figures stand beside it."""
    assert machine().python_build in ("PGO and LTO", "PGO", "LTO", "not known")
