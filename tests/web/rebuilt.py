"""The page with something in it exchanged, under a policy that lets it run: faults, and words of another language."""

import base64
import hashlib
import json
import re
from collections.abc import Callable

from hanse_page.carried import carried_page
from hanse_page.messages import PAGE

WORDS = re.compile(r"^const WORDS = \(\(\[ids, lists\]\) .*?;$(?=\n/\* Carries qr )", re.MULTILINE | re.DOTALL)
LANGUAGES = ("en", "zh", "de", "fr", "es", "ar")


def rebuilt(change: Callable[[str], str], trust: bytes = b"") -> bytes:
    """Build the page anew from a change of its text."""
    before = carried_page(trust).decode()
    after = change(before)
    assert after != before, "the change has changed nothing"
    return after.replace(_policy(before), _policy(after)).encode()


def corrupted(healthy: str, broken: str, trust: bytes = b"") -> bytes:
    """Build the page with a fault in its script."""

    def change(text: str) -> str:
        assert text.count(healthy) == 1, healthy
        return text.replace(healthy, broken)

    return rebuilt(change, trust)


def in_marked_languages(trust: bytes = b"") -> bytes:
    """Build the page with a catalogue of each language but English: the English words of the page, with a mark before.

    So it can be told what was said in the language chosen, whoever has translated it, or nobody yet.
    """
    catalogues = {
        language: {name: words if language == "en" else f"«{language}» {words}" for name, words in PAGE.items()}
        for language in LANGUAGES
    }
    words = json.dumps(catalogues, ensure_ascii=False)
    return rebuilt(lambda text: WORDS.sub(lambda _: f"const WORDS = {words};", text), trust)


def _policy(page: str) -> str:
    script = page.partition("<script>")[2].rpartition("</script>")[0]
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
