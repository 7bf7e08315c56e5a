"""The verifier as one script: what it stands on, the translation, and what the page asks of both."""

from pathlib import Path

from hanse_page.translate.modules import FIRSTS, translate
from hanse_page.translate.source import Local
from hanse_page.trimmed import squeezed
from hanse_page.vendored import vendored

RUNTIME = Path(__file__).parent / "runtime"
LOWER = ("values.js", "text.js", "builtins.js", "decoding.js", "msgpack.js", "json.js", "crypto.js")
OFFERED = (
    "report",
    "reportCode",
    "isCode",
    "compareDocument",
    "readTrust",
    "isTrust",
    "isRefusal",
    "tooLarge",
    "inLanguage",
    "oneLine",
    "hex",
    "sha256",
    "fromBase64",
    "onSignature",
    "OPENING_BYTES",
    "PROOF_BYTES",
    "ed25519Verifies",
)


def verifier() -> str:
    """Write the verifier, as the value of `Hanse`. Raises Unsupported."""
    return assembled(FIRSTS, runtime("verifier.js"), OFFERED)


def assembled(firsts: tuple[Local, ...], last: str, offered: tuple[str, ...]) -> str:
    """Write what some definitions need, and what stands on it, as the value of `Hanse`.

    Args:
        firsts: the definitions that are translated, with all that they reach.
        last: a script that sees all of it.
        offered: the names of that script that others may call.

    Raises:
        Unsupported: a definition says what the translation does not know.
    """
    parts = [vendored(), *(runtime(name) for name in LOWER), squeezed(translate(*firsts)), last]
    inner = "\n".join(parts)
    return f'"use strict";\nconst Hanse = (() => {{\n{inner}\nreturn {{ {", ".join(offered)} }};\n}})();\n'


def runtime(name: str) -> str:
    """Give a part of the runtime."""
    return without_comments((RUNTIME / name).read_text("utf-8"))


def without_comments(code: str) -> str:
    """Leave out what is written for those who read the source: blanks, and lines that are a comment alone."""
    lines = [line.strip() for line in code.splitlines()]
    assert not any(line.count("`") % 2 for line in lines if not line.startswith(("//", "/**"))), (
        "a template of several lines"
    )
    return squeezed("\n".join(line for line in lines if line and not line.startswith(("//", "/**"))))
