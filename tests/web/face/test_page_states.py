"""From the disk, in both browsers: what the page says of each file that somebody might choose."""

import hashlib
import http.server
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from hanse_ledger.proofs.trustfile import TrustFile
from hanse_page.carried import carried_page
from tests.tables.verifying import told
from tests.web.browsers import Browser
from tests.web.chosen import NOW, STATES, code, expected, moment_of, proofs, trust_of
from tests.web.conftest import OpenPage
from tests.web.rebuilt import corrupted
from tests.world.corridor_genesis import GENESIS

pytestmark = pytest.mark.system

Files = Mapping[str, Path]
TRUST = TrustFile(GENESIS).to_bytes()


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_verdict(open_page: OpenPage, files: Files, state: str) -> None:
    """The verdict is Python's, its word stands in the page, it has the focus, and nothing has left the page."""
    seen = open_page(trust_of(state), moment_of(state))
    seen.choose(files[state])
    assert seen.verdict() == STATES[state]
    if state != "huge":
        assert expected(proofs()[state], trust_of(state), moment_of(state)) == STATES[state]
    assert seen.run("() => document.activeElement.id") == "verdict"
    assert seen.text("#verdict").lower() == STATES[state]
    assert not {"null", "undefined", "[object Object]"} & set(map(str.strip, seen.text().splitlines()))
    assert seen.text("#status").lower() == STATES[state]
    assert f"{state}.hanse" in seen.text("#report .verdict")
    seen.kept_to_itself()


def test_what_is_too_large_is_not_read(open_page: OpenPage, files: Files) -> None:
    """A file over the bound is refused by its size alone: its bytes are not asked for."""
    seen = open_page(TRUST)
    seen.run("() => { Blob.prototype.arrayBuffer = () => { throw new Error('read'); }; }")
    seen.choose(files["huge"])
    assert seen.verdict() == "unsupported format"
    assert "16777217" in seen.text("#report")


def test_trust_may_be_chosen_before_or_after(open_page: OpenPage, files: Files) -> None:
    """A trust file is told by what it says, wherever it is chosen; a proof chosen before it is checked again."""
    seen = open_page()
    assert "trust file" in seen.text("#trust")
    seen.choose(files["valid"])
    assert seen.verdict() == "cannot check"
    seen.choose(files["trust.json"], by="choose-trust")
    assert seen.verdict() == "valid"
    assert told().ledger.ledger.hex() in seen.text("#trust")
    seen.choose(files["other-trust.json"])
    assert seen.verdict() == "unknown issuer"
    seen.kept_to_itself()


def test_both_may_be_chosen_at_once(open_page: OpenPage, files: Files) -> None:
    """Whatever their order, a trust file among the files counts for the proofs among them."""
    for order in (("valid", "trust.json"), ("trust.json", "valid")):
        seen = open_page()
        seen.choose(*(files[name] for name in order))
        assert seen.verdict() == "valid"


def test_a_bad_trust_file_is_not_taken(open_page: OpenPage, files: Files) -> None:
    """A trust file that cannot be read is said to be none, and what was trusted before stays so."""
    seen = open_page()
    for by in ("choose-trust", "choose-proof"):
        seen.choose(files["bad-trust.json"], by=by)
        assert "bad-trust.json is no trust file" in seen.until(
            "() => document.querySelector('#trust .problem')?.innerText"
        )
        assert seen.run("() => document.querySelector('#report').hidden")
    seen.choose(files["valid"], by="choose-trust")
    assert "valid.hanse is no trust file" in seen.until(
        "() => [document.querySelector('#trust .problem')?.innerText].find((text) => text?.includes('valid'))"
    )
    seen.choose(files["trust.json"], by="choose-trust")
    seen.until("() => !document.querySelector('#trust .problem')")
    seen.choose(files["valid"])
    assert seen.verdict() == "valid"


def test_another_trust_than_the_pages_own_is_told(open_page: OpenPage, files: Files) -> None:
    """A page with a trust file baked in says when another is used instead, and goes back to its own."""
    seen = open_page(TRUST)
    seen.choose(files["valid"])
    assert seen.verdict() == "valid"
    assert seen.run("() => document.querySelector('#trust .notice')") is None
    seen.choose(files["other-trust.json"], files["valid"])
    assert seen.verdict() == "unknown issuer"
    assert "not the trust file that this page came with" in seen.text("#trust .notice")
    seen.run("() => document.querySelector('#report > .verdict').setAttribute('data-old', '')")
    seen.run("() => document.querySelector('#own-trust').click()")
    assert seen.verdict() == "valid"
    seen.choose(files["trust.json"], by="choose-trust")
    assert seen.verdict() == "valid"
    assert seen.run("() => document.querySelector('#trust .notice')") is None


def test_several_proofs_at_once_each_have_their_verdict(open_page: OpenPage, files: Files) -> None:
    """Of several files each is named with its verdict, and the one that is asked for is shown."""
    seen = open_page(TRUST)
    names = ("valid", "tampered", "revoked", "not-a-proof")
    seen.choose(*(files[name] for name in names))
    assert seen.verdict() == "valid"
    listed = seen.run("() => [...document.querySelectorAll('#several button')].map((each) => each.innerText)")
    for name, line in zip(names, listed, strict=True):
        assert f"{name}.hanse" in line
        assert STATES[name] in line.lower()
    seen.run("() => document.querySelectorAll('#several button')[1].click()")
    assert seen.verdict() == "tampered"
    assert "tampered.hanse" in seen.text("#report .verdict")


def test_many_files_at_once_are_bounded(open_page: OpenPage, files: Files, tmp_path: Path) -> None:
    """More than are checked at once are said to be left out."""
    many = [tmp_path / f"{number}.hanse" for number in range(27)]
    for path in many:
        path.write_bytes(b"none")
    seen = open_page(TRUST)
    seen.choose(*many)
    seen.verdict()
    assert "3 more were chosen" in seen.text("#several")
    assert seen.run("() => document.querySelectorAll('#several button').length") == 24


def test_dropped_files_are_taken(open_page: OpenPage, files: Files) -> None:
    """What is dropped anywhere on the page is taken as if it had been chosen."""
    seen = open_page()
    seen.run(
        """(parts) => {
          const dropped = new DataTransfer();
          for (const [name, text] of parts) dropped.items.add(new File([text], name));
          const facts = { dataTransfer: dropped, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent("drop", facts));
        }""",
        [["trust.json", TRUST.decode()], ["valid.hanse", proofs()["valid"].decode()]],
    )
    assert seen.verdict() == "valid"


def test_the_document_beside_the_proof(open_page: OpenPage, files: Files) -> None:
    """A file is the very one, none of them, or cannot be told without its opening; the opening tells."""
    seen = open_page(TRUST)
    seen.choose(files["valid"])
    seen.verdict()

    def compared(name: str, by: str = "choose-document") -> str:
        seen.run("() => document.querySelector('#document-answer').replaceChildren()")
        seen.window.choose(f"#{by}", files[name])
        return str(seen.until("() => document.querySelector('#document-answer').innerText"))

    same = compared("certificate.pdf")
    assert "Yes, byte for byte" in same
    assert told().signed["certificate"].id.hex() in same
    assert hashlib.sha256(files["certificate.pdf"].read_bytes()).hexdigest() in same
    assert seen.run("() => document.activeElement.id") == "document-answer"
    assert "cannot be told" in compared("invoice.xml")
    assert "no opening" in compared("other.txt", "choose-opening")
    assert told().signed["invoice"].id.hex() in compared("opening.json", "choose-opening")
    assert "none of the others" in compared("other.txt")
    seen.choose(files["certificate-alone"])
    assert seen.verdict() == "valid"
    assert compared("other.txt").startswith("No.")
    assert compared("certificate.pdf").startswith("Yes")
    seen.choose(files["tampered"])
    assert seen.verdict() == "tampered"
    assert seen.run("() => document.querySelector('#choose-document')") is None
    seen.kept_to_itself()


def test_a_code_behind_the_address_is_checked(open_page: OpenPage) -> None:
    """A code's address that opens the page is the code: it is checked at once, and never better than with warnings."""
    seen = open_page(TRUST, NOW, behind=f"#{code()}")
    assert seen.verdict() == "valid with warnings"
    assert open_page(None, NOW, behind=f"#{code()}").verdict() == "cannot check"
    broken = code()[:-40] + code()[-1:] * 40
    assert open_page(TRUST, NOW, behind=f"#{broken}").verdict() not in ("valid", "valid with warnings")


def test_a_page_that_a_host_showed_names_itself_when_it_was_saved(open_page: OpenPage) -> None:
    """A saved page has no host: what it warns of is the file itself, by its name, and it is no better for that."""
    seen = open_page(built=carried_page(TRUST, proofs()["valid"]))
    assert seen.verdict() == "valid with warnings"
    assert f"{seen.file.name} shows this, whom to trust and the page itself" in seen.text("#report .verdict").lower()


def test_a_fault_of_the_page_is_no_verdict(open_page: OpenPage, files: Files) -> None:
    """Where the page itself fails, whatever fails in it, it says that it cannot check, and that it is at fault."""
    seen = open_page(built=corrupted("sha512($joined([r,key,message]))", "missing($joined([r,key,message]))"))
    seen.choose(files["trust.json"], files["valid"])
    assert seen.verdict() == "cannot check"
    assert "fault of this page" in seen.text("#report .verdict")
    seen = open_page(built=corrupted("const receipt=(report,file)=>rows(", "const receipt=(report)=>missing("))
    seen.choose(files["trust.json"], files["valid"])
    assert "fault of this page" in seen.until("() => document.querySelector('#report:not([hidden])')?.innerText")
    assert "Cannot check" in seen.text("#report")
    assert "Valid" not in seen.text("#report")


def test_a_page_whose_script_does_not_begin_says_so(open_page: OpenPage) -> None:
    """A page that cannot check offers nothing to choose, and says why."""
    seen = open_page(built=corrupted("const $JSON_DEPTH=512;", "const $JSON_DEPTH=missing;"))
    assert "nothing can be checked here" in seen.text("main")
    assert seen.run("() => document.querySelector('#asking').hidden")
    seen = open_page(built=carried_page().replace(b"const $JSON_DEPTH=512;", b"const $JSON_DEPTH=513;"))
    assert "nothing can be checked here" in seen.text("main"), "a script that is not the one of the policy has run"


def test_requests_would_be_seen(browser: Browser, tmp_path: Path) -> None:
    """A page that does ask somebody is caught at it: the tests that say that this one does not, could tell."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/asked"
        page = tmp_path / "asks.html"
        page.write_text(f'<!DOCTYPE html><title>Asks</title><img src="{address}" alt="">')
        window = browser.window()
        window.open(page.as_uri())
        assert address in window.requests
        window.close()
        server.shutdown()
