"""What tests of the page share: the programs that run it, the browsers, and the files that are chosen in them.

A browser lives as long as its module's tests.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from hanse_page.carried import carried_page
from hanse_page.script import assembled, runtime, verifier
from hanse_page.translate.modules import FIRSTS
from hanse_page.translate.source import Local
from tests.web import engines
from tests.web.browsers import Browser, ChromiumBrowser, chromium, firefox
from tests.web.chosen import NOW, write_all
from tests.web.engines import Engine
from tests.web.seen import Seen

OpenPage = Callable[..., Seen]

PROGRAMS = {"node": "node", "chromium": "chromium", "firefox": "firefox-esr"}
"""By the name that a test's id has: Debian's program."""

AGAIN = Path(__file__).parent / "again.js"
ALSO = (
    Local("kinds", "OBJECT_NAMED"),
    Local("kinds.member.proposals", "OpenProposals"),
    Local("kinds.member.proposals", "Proposal"),
    Local("kinds.member.proposals", "ProposalLeaf"),
    Local("kinds.objects", "object_leaves"),
    Local("proofs.knownheads", "KnownHeads"),
    Local("proofs.prooffile", "ShownAspect"),
    Local("proofs.subjects", "read_aspects"),
    Local("records.envelope", "open_envelope"),
    Local("transition", "transition"),
    Local("values.errors", "Rejected"),
    Local("wire.membership", "Membership"),
)
"""What recorded calls need besides what the page does: a state is handed over, the rules are asked alone."""

Find = Callable[[str], Path]


@pytest.fixture(scope="session")
def script() -> str:
    """Give the verifier as the page has it."""
    return verifier()


@pytest.fixture(scope="session")
def wider_script() -> str:
    """Give the verifier with the rules beside it, and what makes recorded calls again."""
    last = runtime("verifier.js") + "\n" + AGAIN.read_text("utf-8")
    return assembled((*FIRSTS, *ALSO), last, ("isRefusal", "again"))


@pytest.fixture(scope="session")
def node_engine(require_tool: Find, script: str) -> Iterator[Engine]:
    """Give node with the page's verifier, kept open: for tests that ask often and little."""
    with engines.node(require_tool("node"), script) as engine:
        yield engine


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the page on the disk, as somebody saved it, without anybody to trust."""
    file = tmp_path_factory.mktemp("page") / "verify.html"
    file.write_bytes(carried_page())
    return file


@pytest.fixture(scope="module", params=PROGRAMS)
def engine(request: pytest.FixtureRequest, require_tool: Find, script: str, page_file: Path) -> Iterator[Engine]:
    """Give each program in turn: node with the page's verifier, the browsers with the page itself."""
    with running(request.param, require_tool, script, page_file) as opened:
        yield opened


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def wider_browser(
    request: pytest.FixtureRequest, require_tool: Find, wider_script: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Give each browser in turn, with the wider script."""
    file = tmp_path_factory.mktemp("wider") / "wider.html"
    file.write_text(f'<!DOCTYPE html><meta charset="utf-8"><script>{wider_script}</script>', "utf-8")
    with running(request.param, require_tool, wider_script, file) as opened:
        yield opened


@contextmanager
def running(name: str, require_tool: Find, script: str, file: Path) -> Iterator[Engine]:
    """Run a program: node with a script, a browser with a page from the disk."""
    program = require_tool(PROGRAMS[name])
    match name:
        case "node":
            with engines.node(program, script) as asked:
                yield asked
        case "chromium":
            with engines.chromium(program, file) as opened:
                yield opened
        case _:
            with engines.firefox(program, file) as driven:
                yield driven


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Give the files that somebody might choose, by name; those of states without `.hanse`."""
    return write_all(tmp_path_factory.mktemp("chosen"))


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give each browser in turn."""
    if request.param == "chromium":
        # One Playwright at a time: whoever asks for Chromium by name has the same.
        yield request.getfixturevalue("chrome")
    else:
        with firefox(tmp_path_factory.mktemp("firefox")) as started:
            yield started


@pytest.fixture(scope="module")
def chrome() -> Iterator[ChromiumBrowser]:
    """Give Chromium alone, for what only it can be asked."""
    with chromium() as started:
        yield started


def opener(browser: Browser, folder: Path) -> Iterator[OpenPage]:
    """Give a function that opens the page from the disk, with a trust file baked in or none, as of a moment."""
    opened: list[Seen] = []

    def open_page(
        trust: bytes | None = None, at: int = NOW, *, built: bytes | None = None, behind: str = "", before: str = ""
    ) -> Seen:
        file = folder / f"page-{len(opened)}.html"
        file.write_bytes(carried_page(trust or b"") if built is None else built)
        seen = Seen(browser.window(), file, at, behind, before)
        opened.append(seen)
        return seen

    yield open_page
    for seen in opened:
        seen.window.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[OpenPage]:
    """Give a function that opens the page in each browser in turn."""
    yield from opener(browser, tmp_path)


@pytest.fixture
def open_in_chrome(chrome: ChromiumBrowser, tmp_path: Path) -> Iterator[OpenPage]:
    """Give a function that opens the page in Chromium."""
    yield from opener(chrome, tmp_path)
