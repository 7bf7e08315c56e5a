"""Codes on paper: by camera, from a picture, or typed; a status is checked, an address is only shown."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import segno

from hanse_ledger.proofs.trustfile import TrustFile
from tests.web.browsers import ChromiumBrowser
from tests.web.chosen import code, party_code
from tests.web.conftest import OpenPage, opener
from tests.web.seen import Seen
from tests.world.corridor_genesis import GENESIS

pytestmark = pytest.mark.system

TRUST = TrustFile(GENESIS).to_bytes()
TOLD = "() => !document.querySelector('#code-said').hidden && document.querySelector('#code-said').innerText"


def drawn(says: str, folder: Path) -> Path:
    """Draw a code as a picture."""
    picture = folder / "code.png"
    segno.make(says, error="l", micro=False, encoding=None if says.isascii() else "utf-8").save(
        str(picture), scale=6, border=4
    )
    return picture


def filmed(says: str, folder: Path) -> Path:
    """Film a code: one frame of raw video, which the browser's own stand-in for a camera shows again and again."""
    rows = [bytes(16 if dark else 235 for dark in row) for row in segno.make(says, micro=False).matrix_iter(6, 8)]
    width, height = len(rows[0]) & ~1, len(rows) & ~1
    frame = b"".join(row[:width] for row in rows[:height]) + bytes([128]) * (width * height // 2)
    film = folder / "code.y4m"
    film.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode() + frame)
    return film


def read(seen: Seen, picture: Path) -> None:
    """Choose a picture of a code."""
    seen.run("() => { document.querySelector('#codes').open = true; }")
    seen.choose(picture, by="choose-picture")


def test_a_status_in_a_picture_is_checked(open_page: OpenPage, tmp_path: Path) -> None:
    """The status that a code carries is judged as Python judges it: never better than with warnings."""
    for says in (code(), f"https://market.example/verify#{party_code()}"):
        seen = open_page(TRUST)
        read(seen, drawn(says, tmp_path))
        assert seen.verdict() == "valid with warnings"
        assert "A code on paper" in seen.text("#report .verdict")
        assert seen.run("() => document.querySelector('#choose-document')") is None
        seen.kept_to_itself()


def test_a_picture_may_be_dropped_as_any_file(open_page: OpenPage, tmp_path: Path) -> None:
    """A picture among the files that are chosen is searched for a code."""
    seen = open_page(TRUST)
    seen.choose(drawn(code(), tmp_path))
    assert seen.verdict() == "valid with warnings"


def test_a_code_without_trust_cannot_be_checked(open_page: OpenPage, tmp_path: Path) -> None:
    """Without a trust file nothing says who may vouch, for a code as for a proof."""
    seen = open_page()
    read(seen, drawn(code(), tmp_path))
    assert seen.verdict() == "cannot check"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://market.example/p/ABCDEFGH", "market.example"),
        ("HTTPS://MARKET.EXAMPLE/P/ABCDEFGH", "market.example"),
        ("https://market.example@evil.example/p/1", "evil.example"),
        ("https://m\u0430rket.example/p/1", "m\u0430rket.example".encode("idna").decode()),
        ("https://evil.example/verify#valid", "evil.example"),
    ],
)
def test_an_address_is_only_shown(open_page: OpenPage, tmp_path: Path, address: str, host: str) -> None:
    """Of an address the host is said in words, nothing is opened, nothing can be clicked, and no verdict is given."""
    seen = open_page(TRUST)
    read(seen, drawn(address, tmp_path))
    words = seen.until(TOLD)
    assert f"an address at {host}, and no proof" in words
    assert address in words
    assert seen.run("() => document.querySelector('a, #report:not([hidden])')") is None
    assert seen.run("() => document.activeElement.id") == "code-said"
    seen.kept_to_itself()


SHOWN = "() => ['report', 'code-said', 'progress'].filter((id) => !document.getElementById(id).hidden)"
NEVER_READY = "globalThis.Worker = class { postMessage() {} terminate() {} };"


def test_no_verdict_stands_beside_an_address(open_page: OpenPage, files: Mapping[str, Path], tmp_path: Path) -> None:
    """What a code says takes the place of a report, and stays in no other's: not after a trust file, nor a language."""
    seen = open_page(TRUST)
    seen.choose(files["valid"])
    assert seen.verdict() == "valid"
    read(seen, drawn("https://evil.example/p/1", tmp_path))
    seen.until(TOLD)
    seen.choose(files["trust.json"], by="choose-trust")
    seen.until("() => document.querySelector('#trust').innerText.includes('trust.json')")
    seen.speak("de")
    assert seen.run(SHOWN) == ["code-said"]
    seen.choose(files["revoked"])
    assert seen.verdict() == "revoked"
    seen.speak("en")
    assert seen.run(SHOWN) == ["report"]


def test_a_code_ends_the_check_before_it(open_page: OpenPage, tmp_path: Path) -> None:
    """A proof that is still checked when a code is read is not checked to its end: no bar stays, no verdict follows."""
    proof = tmp_path / "large.hanse"
    proof.write_bytes(b'{"@type":"hanse.proof/2"' + b" " * 200_000)
    for by in ("choose-picture", "choose-proof"):
        seen = open_page(TRUST, before=NEVER_READY)
        seen.choose(proof)
        seen.until("() => !document.querySelector('#progress').hidden")
        seen.run("() => { document.querySelector('#codes').open = true; }")
        seen.choose(drawn("https://evil.example/p/1", tmp_path), by=by)
        seen.until(TOLD)
        assert seen.run(SHOWN) == ["code-said"]
        seen.speak("de")
        assert seen.run(SHOWN) == ["code-said"]


def test_a_picture_beside_a_proof_is_not_passed_over_in_silence(
    open_page: OpenPage, files: Mapping[str, Path], tmp_path: Path
) -> None:
    """Pictures are not searched where a proof was chosen with them, and that is said."""
    seen = open_page(TRUST)
    seen.choose(files["valid"], drawn(code(), tmp_path))
    assert seen.verdict() == "valid"
    assert "1 more" in seen.text("#several .problem")


def test_what_is_no_code_is_said_to_be_none(open_page: OpenPage, tmp_path: Path) -> None:
    """Neither a picture without a code, nor a broken one, nor a code of others is a verdict."""
    seen = open_page(TRUST)
    read(seen, drawn("WIFI:S:guest;;", tmp_path))
    assert "neither a proof nor an address" in seen.until(TOLD)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno more")
    seen.run("() => { document.querySelector('#code-said').hidden = true; }")
    read(seen, broken)
    assert "no picture that this browser can show" in seen.until(TOLD)


def test_digits_may_be_typed(open_page: OpenPage) -> None:
    """A scanner types what it reads and ends it with Enter: that is checked; a wrong digit is noticed."""
    seen = open_page(TRUST)
    seen.run("() => { document.querySelector('#codes').open = true; document.querySelector('#typed').focus(); }")
    fill = "(text) => { document.querySelector('#typed').value = text; }"
    seen.run(fill, code())
    seen.window.press("Enter")
    assert seen.verdict() == "valid with warnings"
    changed = str((int(code()[400]) + 1) % 10)
    seen.run("() => document.querySelector('#report > .verdict').setAttribute('data-old', '')")
    seen.run(fill, code()[:400] + changed + code()[401:])
    seen.run("() => document.querySelector('#take-typed').click()")
    assert seen.verdict() in ("tampered", "unsupported format", "unknown issuer")


def test_without_a_camera_it_is_said(open_page: OpenPage) -> None:
    """Where there is no camera, or the browser does not give it, the page says so, and what to do instead."""
    seen = open_page(
        TRUST, before="navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('NotAllowedError'));"
    )
    seen.run("() => { document.querySelector('#codes').open = true; document.querySelector('#camera').click(); }")
    assert "There is no camera here" in seen.until(TOLD)


@pytest.fixture
def open_before_camera(chrome: ChromiumBrowser, tmp_path: Path) -> Iterator[OpenPage]:
    """Give a function that opens the page in a Chromium whose camera sees a code."""
    film = filmed(code(), tmp_path)
    seeing = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    with chrome.another(*seeing, f"--use-file-for-fake-video-capture={film}") as browser:
        yield from opener(browser, tmp_path)


def test_the_camera_reads_a_code(open_before_camera: OpenPage) -> None:
    """A saved page uses the camera, reads the code that it sees, checks it, and lets the camera go."""
    seen = open_before_camera(TRUST)
    seen.run(
        """() => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          globalThis.streams = [];
          navigator.mediaDevices.getUserMedia = async (wanted) => { const given = await ask(wanted); streams.push(given); return given; };
          document.querySelector("#codes").open = true;
          document.querySelector("#camera").click();
        }"""  # noqa: E501 (JavaScript)
    )
    assert seen.verdict() == "valid with warnings"
    assert seen.run("() => streams.map((each) => each.getTracks().map((track) => track.readyState))") == [["ended"]]
    assert seen.run("() => document.querySelector('#camera-place').hidden")
    seen.kept_to_itself()
