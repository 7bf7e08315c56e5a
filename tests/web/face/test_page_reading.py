"""Whoever reads the page: in six languages, by keyboard alone, by ear, on a small screen, in the dark, on paper."""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger.proofs.trustfile import TrustFile
from tests.web.browsers import ChromiumWindow
from tests.web.chosen import STATES, moment_of
from tests.web.conftest import OpenPage
from tests.web.rebuilt import LANGUAGES, in_marked_languages
from tests.web.seen import Seen
from tests.world.corridor_genesis import GENESIS

pytestmark = pytest.mark.system

Files = Mapping[str, Path]
TRUST = TrustFile(GENESIS).to_bytes()
AXE = Path(__file__).parent / "axe" / "axe.min.js"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

AUDIT = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.map((node) => node.html.slice(0, 200)).slice(0, 3).join(" | ")}`);
}"""  # noqa: E501 (one expression of JavaScript)
"""Every rule that axe has, best practices too."""


def audited(seen: Seen) -> list[str]:
    """Ask axe what is wrong with the page as it stands."""
    if not seen.run("() => 'axe' in globalThis"):
        source = AXE.read_text("utf-8")
        assert hashlib.sha256(source.encode()).hexdigest() == AXE_SHA256
        seen.run(f"() => {{ {source} ; }}")
    found = seen.run(AUDIT)
    assert isinstance(found, list)
    return found


def states_shown(seen: Seen, files: Files) -> Iterator[str]:
    """Show every state in turn on one page, then several at once, and a document's answer."""
    for state, verdict in STATES.items():
        seen.run("(at) => { Date.now = () => at; }", moment_of(state))
        if state == "no-trust":
            continue
        trust = "other-trust.json" if state == "other-ledger" else "trust.json"
        seen.choose(files[trust], files[state])
        assert seen.verdict() == verdict
        yield state
    seen.choose(files["trust.json"], files["valid"], files["tampered"], files["status"])
    seen.verdict()
    yield "several"
    for name in ("certificate.pdf", "invoice.xml", "opening.json"):
        by = "choose-opening" if name.endswith("json") else "choose-document"
        seen.run("() => document.querySelector('#document-answer').replaceChildren()")
        seen.window.choose(f"#{by}", files[name])
        seen.until("() => document.querySelector('#document-answer').innerText")
        yield name


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_any_state(open_page: OpenPage, files: Files, language: str) -> None:
    """In every state and every language, folded and unfolded, axe has nothing to say."""
    seen = open_page(built=in_marked_languages())
    seen.speak(language)
    seen.run("() => { document.querySelector('#codes').open = true; }")
    assert audited(seen) == [], "nothing chosen"
    seen.choose(files["valid"])
    assert seen.verdict() == "cannot check"
    assert audited(seen) == [], "no trust"
    for state in states_shown(seen, files):
        seen.run("() => { for (const each of document.querySelectorAll('details')) each.open = true; }")
        assert audited(seen) == [], state
    seen.kept_to_itself()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_choice_of_a_language_rewrites_what_is_shown(open_page: OpenPage, files: Files, language: str) -> None:
    """Every word of the page's own is said anew in the language chosen, in its direction, and back again."""
    seen = open_page(built=in_marked_languages(TRUST))
    seen.choose(files["valid"])
    seen.verdict()
    seen.speak(language)
    assert seen.run("() => document.documentElement.lang") == ("zh-Hans" if language == "zh" else language)
    assert seen.run("() => getComputedStyle(document.body).direction") == ("rtl" if language == "ar" else "ltr")
    own = "h1, h2, label, summary, #lead, #drop p, #release, .actions button, #trust .file"
    words = seen.run("(own) => [...document.querySelectorAll(own)].map((each) => each.textContent)", own)
    assert len(words) > 20
    for text in words:
        assert text.startswith(f"«{language}» ") or language == "en" or not text, text
        assert "«" not in text or language != "en", text
    assert seen.verdict() == "valid"
    seen.speak("en")
    assert "«" not in seen.text()


def test_the_verdict_is_heard_in_the_language_of_the_page(open_page: OpenPage, files: Files) -> None:
    """What stands in the line of the status is in the language that was chosen last, as all else is."""
    seen = open_page(TRUST)
    seen.choose(files["tampered"])
    assert seen.verdict() == "tampered"
    for language in ("de", "ar", "en"):
        seen.speak(language)
        assert seen.text("#status") == seen.text("#verdict")


@pytest.mark.parametrize(("wanted", "spoken"), [("ar-EG", "ar"), ("de-CH", "de"), ("zh-TW", "zh-Hans"), ("tlh", "en")])
def test_the_first_language_is_the_readers(open_page: OpenPage, wanted: str, spoken: str) -> None:
    """The page begins in the first language of the browser that it knows, and in English for want of any."""
    before = f"Object.defineProperty(navigator, 'languages', {{ get: () => ['{wanted}'] }});"
    assert open_page(before=before).run("() => document.documentElement.lang") == spoken


FOCUS = """() => {
  const at = document.activeElement;
  const rings = [at, at.closest("label")].filter(Boolean).map((each) => getComputedStyle(each));
  const seen = rings.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const box = (at.closest("label") ?? at).getBoundingClientRect();
  return [at.id || at.tagName.toLowerCase(), seen && box.width > 0 && box.height > 0];
}"""


def test_the_keyboard_is_enough(open_page: OpenPage, files: Files) -> None:
    """All can be reached in the order in which it is read, what has the focus is seen, and the verdict takes it."""
    seen = open_page()
    order = []
    for _ in range(4):
        seen.window.press("Tab")
        at, visible = seen.run(FOCUS)
        assert visible, at
        order.append(at)
    assert order == ["language", "choose-trust", "choose-proof", "summary"]
    seen.window.press("Enter")
    assert seen.run("() => document.querySelector('#codes').open"), "a summary opens by the keyboard"
    seen.window.press("Tab")
    assert seen.run(FOCUS) == ["camera", True]
    seen.choose(files["trust.json"], files["valid"])
    assert seen.verdict() == "valid"
    assert seen.run("() => document.activeElement.id") == "verdict"
    reached = []
    for _ in range(60):
        seen.window.press("Tab")
        at, visible = seen.run(FOCUS)
        if at == "body":
            break
        assert visible, at
        reached.append(at)
        if at == "print":
            break
    assert reached[:2] == ["choose-document", "choose-opening"]
    assert reached[-1] == "print"
    assert {"button", "summary", "div"} <= set(reached), "ids to copy, details to unfold, the drawing to move"


def test_a_file_is_chosen_by_the_keyboard(open_in_chrome: OpenPage, files: Files) -> None:
    """The file dialogue opens by the keyboard, on what the words beside it say."""
    seen = open_in_chrome(TRUST)
    page = page_of(seen)
    page.bring_to_front()  # a key goes to the window in front
    with page.expect_file_chooser() as opened:
        page.locator("#choose-proof").press("Enter")
    opened.value.set_files(files["valid"])
    assert seen.verdict() == "valid"


def page_of(seen: Seen) -> Any:
    """Give Playwright's page."""
    assert isinstance(seen.window, ChromiumWindow)
    return seen.window.page


def test_an_id_is_copied(open_in_chrome: OpenPage, files: Files) -> None:
    """A button beside each id copies it, and says so; without the right to, the old way is taken."""
    seen = open_in_chrome(TRUST)
    seen.choose(files["valid"])
    seen.verdict()
    said = "() => document.querySelector('#status').innerText === 'Copied'"
    first = "() => document.querySelector('.subject .id').textContent"
    for way in ("granted", "refused"):
        if way == "refused":
            seen.run("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
            seen.run("() => document.querySelector('#status').replaceChildren()")
        page_of(seen).locator(".subject button.small").first.click()
        seen.until(said)
    page_of(seen).locator("#typed").evaluate("(field) => { field.closest('details').open = true; field.focus(); }")
    page_of(seen).keyboard.press("Control+v")
    assert page_of(seen).locator("#typed").input_value() == seen.run(first)


WIDE = """() => {
  const root = document.scrollingElement, room = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll("body *")].filter((each) => !each.closest(".drawing, .file input, .unseen"));
  const out = wide.filter((each) => { const box = each.getBoundingClientRect(); return box.width && (box.right > room + 1 || box.left < -1); });
  return [root.scrollWidth <= room, out.map((each) => each.outerHTML.slice(0, 120)).slice(0, 3)];
}"""  # noqa: E501 (JavaScript)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_is_cut_off_on_a_small_screen(open_page: OpenPage, files: Files, language: str) -> None:
    """At 320 pixels, and with letters twice as large, no state makes the page scroll sideways."""
    seen = open_page(built=in_marked_languages())
    seen.speak(language)
    seen.run("() => { document.querySelector('#codes').open = true; }")
    for state in itertools.chain(["nothing"], states_shown(seen, files)):
        seen.run("() => { for (const each of document.querySelectorAll('details')) each.open = true; }")
        for width, size in ((320, "100%"), (640, "200%")):
            seen.window.resize(width, 640)
            seen.run("(size) => { document.documentElement.style.fontSize = size; }", size)
            assert seen.run(WIDE) == [True, []], (state, width)
        seen.run("() => { document.documentElement.style.fontSize = ''; }")


def test_it_is_read_in_the_dark_and_in_forced_colours(open_in_chrome: OpenPage, files: Files) -> None:
    """Dark mode has contrast enough in every state; where the reader's own colours are forced, nothing is lost."""
    seen = open_in_chrome()
    page_of(seen).emulate_media(color_scheme="dark")
    for state in states_shown(seen, files):
        assert audited(seen) == [], state
    light, dark = (page_background(seen, scheme) for scheme in ("light", "dark"))
    assert light != dark
    page_of(seen).emulate_media(color_scheme="light", forced_colors="active")
    seen.choose(files["valid"])
    seen.verdict()
    drawn = seen.run(
        """() => {
          const styles = (selector) => getComputedStyle(document.querySelector(selector));
          const back = styles("body").backgroundColor;
          return {
            icon: styles("#report .verdict svg").stroke !== back, border: styles("#report .verdict").borderTopColor !== back,
            button: styles("#drop .file").borderTopColor !== back, words: styles(".drawing text").fill !== back,
            line: styles(".drawing line").stroke !== back, point: styles(".drawing circle").fill !== back,
          };
        }"""  # noqa: E501 (JavaScript)
    )
    assert all(drawn.values()), drawn


def page_background(seen: Seen, scheme: str) -> str:
    """Give the colour behind the page's words."""
    page_of(seen).emulate_media(color_scheme=scheme)
    return str(seen.run("() => getComputedStyle(document.body).backgroundColor"))


def test_every_verdict_has_a_look_of_its_own(open_page: OpenPage) -> None:
    """Each of the nine has a word, an icon and a border that no other has: colour alone tells nothing."""
    looks = open_page().run(
        """() => Object.keys(LOOKS).map((verdict) => {
          const card = document.createElement("div");
          card.className = `verdict ${look(verdict)}`;
          document.body.append(card);
          const { borderTopStyle, borderTopWidth, borderTopColor } = getComputedStyle(card);
          return [verdictWords(verdict), LOOKS[verdict], `${borderTopStyle} ${borderTopWidth} ${borderTopColor}`];
        })"""
    )
    assert len(looks) == 9
    for kind in zip(*looks, strict=True):
        assert len(set(kind)) == 9, kind


def test_a_receipt_is_printed(open_in_chrome: OpenPage, files: Files) -> None:
    """On paper stands what was checked, when, under which trust, with every detail unfolded, and no button."""
    seen = open_in_chrome(TRUST)
    seen.choose(files["valid"])
    seen.verdict()
    seen.run(
        """() => window.addEventListener("beforeprint", () => {
          globalThis.unfolded = [...document.querySelectorAll("article details")].every((each) => each.open);
        })"""
    )
    assert page_of(seen).pdf(format="A4").startswith(b"%PDF-")
    assert seen.run("() => unfolded") is True
    assert seen.run("() => [...document.querySelectorAll('article details')].some((each) => each.open)") is False
    page_of(seen).emulate_media(media="print")
    paper = seen.text()
    for words in (
        "Receipt of a check",
        "Valid",
        "valid.hanse",
        "Checked at",
        "Trusted ledger",
        GENESIS.name,
        "SHA-256",
    ):
        assert words in paper, words
    shown = seen.run(
        "() => [...document.querySelectorAll('button, select, input')].filter((each) => each.offsetWidth).length"
    )
    assert shown == 0


def test_what_is_shown_is_heard(open_page: OpenPage, files: Files) -> None:
    """Whoever hears the page: it says what happens, every picture has words, and headings lead through the report."""
    seen = open_page(TRUST)
    seen.choose(files["valid"])
    seen.verdict()
    assert seen.run("() => document.querySelector('#status').getAttribute('aria-live')") == "polite"
    levels = seen.run("() => [...document.querySelectorAll('h1, h2, h3')].map((each) => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    unnamed = seen.run(
        """() => [...document.querySelectorAll("svg")].filter((each) =>
          each.getAttribute("aria-hidden") !== "true" && !each.getAttribute("aria-label")).length"""
    )
    assert unnamed == 0
