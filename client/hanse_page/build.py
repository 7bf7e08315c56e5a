"""Building the page: one file, the same bytes each time from the same sources, that no network is needed for."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from hanse_page.messages import PAGE
from hanse_page.script import verifier, without_comments
from hanse_page.vendored import code_reader
from hanse_words import ENGLISH, LANGUAGES, catalogue_of

FACE = Path(__file__).parent / "face"
SCRIPTS = ("words.js", "dom.js", "drawing.js", "report.js", "checking.js", "documents.js", "codes.js", "main.js")


DETAILS = (
    "base64.",
    "bytes.",
    "checkpoint.",
    "claim.",
    "date.",
    "entry.",
    "envelope.",
    "genesis.",
    "head.",
    "inclusion.",
    "mark.",
    "members.",
    "note.",
    "part.",
    "proof.",
    "record.",
    "signature.",
    "terms.",
    "tree.",
    "trust.",
)
"""What is wrong in a file that is wrong, to the byte: a page of 180 kB says this in English, and in every language the
verdict, the step and what that means."""

ACTED_ON = frozenset(
    {
        "proof.members-changed",
        "proof.no-proof",
        "proof.no-trust",
        "proof.other-file",
        "proof.other-ledger",
        "proof.refused",
        "proof.rule-broken",
        "proof.signer-unknown",
        "proof.stranger",
        "proof.term-contradicts",
        "proof.too-large",
    }
)
"""Of these the ones that a reader can do something about, and so in every language."""

NAMED = ("kind.", "object.", "term.", "verdict.")
"""What the ledger calls by codes, and the page by names. Reasons of refusals it gives in English, as what is wrong to
the byte: they would be a twentieth of the page, for files that the rules refuse."""

BAR = "|"
"""What parts the words of a language."""

UNTOLD = ("term.BG-",)
"""Groups have no text that could be shown."""

TRUST_PLACE = b'<meta name="hanse-trust" content="">'
"""Where a trust file is baked in: its base64, as the content."""

PROOF_PLACE = b'<meta name="hanse-proof" content="">'
"""Where a host bakes in the proof that it shows."""


def page(release: str) -> bytes:
    """Write the page.

    Args:
        release: the version that it says it is of.

    Raises:
        Unsupported: the ledger says what the translation does not know.
    """
    style, script = _read("page.css"), _script()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data: blob:",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    facts = {"policy": policy, "release": release, "style": style, "script": script}
    built = _filled(_read("page.html"), facts).encode()
    assert built.count(TRUST_PLACE) == built.count(PROOF_PLACE) == 1, "the page has one place for what is baked in"
    return built


def _filled(template: str, facts: Mapping[str, str]) -> str:
    for name, fact in facts.items():
        before, mark, after = template.partition(f"{{{name}}}")
        assert mark, f"the page has no place for its {name}"
        template = before + fact + after
    return template


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _script() -> str:
    checker = verifier()
    face = "\n".join(without_comments(_read(name)) for name in SCRIPTS)
    script = "\n".join((checker, "/* verifier ends */", _words(checker), code_reader(), face))
    assert "</script" not in script, "the script would end where it says so"
    assert "<!--" not in script, "the script would be read as a comment"
    return script


def _words(checker: str) -> str:
    """Write the catalogues of all languages: the ids once, then for each language its words in their order.

    What the verifier says itself it says in English, so that its words need not stand here in English too.
    """
    said = {name for name in catalogue_of(ENGLISH) if f'"{name}"' in checker and _is_for_readers(name)}
    named = {name for name in catalogue_of(ENGLISH) if name.startswith(NAMED) and not name.startswith(UNTOLD)}
    ids = sorted(PAGE.keys() | said | named)
    tables = {code: catalogue_of(code) for code in LANGUAGES}
    english = {**{name: tables[ENGLISH][name] for name in named}, **PAGE}
    lists = {code: _row(table.get(name, "") for name in ids) for code, table in tables.items()}
    lists[ENGLISH] = _row(english.get(name, "") for name in ids)
    packed = json.dumps([_row(ids), lists], ensure_ascii=False, separators=(",", ":"))
    return f"""const WORDS = (([ids, lists]) => {{
  const names = ids.split("{BAR}");
  return Object.fromEntries(Object.entries(lists).map(([language, words]) =>
    [language, Object.fromEntries(words.split("{BAR}").map((text, at) => [names[at], text]).filter((row) => row[1]))]));
}})({packed});"""


def _row(texts: Iterable[str]) -> str:
    """Write texts beside each other: quotation marks around each would be a seventieth of the page."""
    row = [*texts]
    assert not any(BAR in text for text in row), "a text would end where it says so"
    return BAR.join(row)


def _is_for_readers(name: str) -> bool:
    return name in ACTED_ON or not name.startswith(DETAILS)


def _read(name: str) -> str:
    return (FACE / name).read_text("utf-8")
