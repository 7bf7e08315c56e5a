"""The buyer's tutorial: its commands run, and its pictures are what the page shows."""

import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.web.browsers import ChromiumBrowser, ChromiumWindow
from tests.web.chosen import NOW
from tests.web.seen import Seen

pytestmark = pytest.mark.system

PAGE = ROOT / "docs" / "tutorials" / "verify-on-a-phone.md"
IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 390, 844
DRAW = "HANSE_DRAW_PICTURES"
"""Set it to draw the pictures of the pages anew; without it they are compared in size alone, for fonts differ."""

COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def followed(files: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Follow the tutorial in a folder that has what a buyer was given, and give the folder."""
    folder = tmp_path_factory.mktemp("buyer")
    for name, given in (("valid", "trade.hanse"), ("tampered", "tampered.hanse"), *((each, each) for each in GIVEN)):
        shutil.copy(files[name], folder / given)
    script = "set -e\n" + "".join(COMMANDS.findall(PAGE.read_text("utf-8")))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "is the very document to which record" in done.stdout
    return folder


GIVEN = ("trust.json", "certificate.pdf")


@pytest.fixture
def phone(chrome: ChromiumBrowser, followed: Path) -> Seen:
    """Open the page that the tutorial made, on a phone."""
    window = chrome.window()
    window.resize(WIDTH, HEIGHT)
    return Seen(window, followed / "verify.html", NOW)


def drawn(seen: Seen, name: str) -> None:
    """Draw what is seen, and compare it with the picture in the docs, or put it there."""
    assert isinstance(seen.window, ChromiumWindow)
    picture, kept = seen.window.page.screenshot(), IMAGES / f"{name}.png"
    if os.environ.get(DRAW):
        kept.write_bytes(picture)
    assert size(kept.read_bytes()) == size(picture) == (WIDTH, HEIGHT)
    assert f"../images/{name}.png" in PAGE.read_text("utf-8")


def size(picture: bytes) -> tuple[int, int]:
    """Read how large a PNG is."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


@pytest.mark.parametrize(("proof", "verdict"), [("trade", "valid"), ("tampered", "tampered")])
def test_a_proof_on_a_phone(phone: Seen, followed: Path, proof: str, verdict: str) -> None:
    """The page that the tutorial writes gives the verdict that its picture shows."""
    phone.choose(followed / f"{proof}.hanse")
    assert phone.verdict() == verdict
    phone.run("() => document.querySelector('#report').scrollIntoView()")
    drawn(phone, f"verify-{verdict}")


def test_a_document_on_a_phone(phone: Seen, followed: Path) -> None:
    """The document beside the proof is the very one."""
    phone.choose(followed / "trade.hanse")
    phone.verdict()
    phone.window.choose("#choose-document", followed / "certificate.pdf")
    phone.until("() => document.querySelector('#document-answer').innerText.startsWith('Yes')")
    phone.run("() => document.querySelector('#document-answer').scrollIntoView({ block: 'center' })")
    drawn(phone, "verify-document")
