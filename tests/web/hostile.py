"""Files that want something else of a page than to be checked: markup, script, marks that turn directions, nulls."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from msgspec.structs import replace

from hanse_ledger.proofs.prooffile import TermPart, write_proof
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import disclose
from tests.tables.commitments import commit_document
from tests.tables.proofs import ProofMaker
from tests.web.chosen import whole_proof
from tests.world.corridor import traders
from tests.world.corridor_bodies import INVOICE_FILE, INVOICE_SEED, INVOICE_TERMS
from tests.world.corridor_genesis import GENESIS

SKULL = "\N{SKULL AND CROSSBONES}"
"""Stands in every text of an attacker, so that it can be told where the page shows one."""

MARKUP = (
    "<script>hit=1</script>",
    "<img src=x onerror=hit=1>",
    "<svg/onload=hit=1>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "</script><script>hit=1</script>",
    "</style><style>*{display:none}</style>",
    "<base href=http://evil.example/>",
    "<a href=javascript:hit=1>Valid</a>",
    "javascript:hit=1",
    "'-(hit=1)-'",
    '"><input autofocus onfocus=hit=1>',
    "${hit=1}",
    "{{constructor.constructor('hit=1')()}}",
    "<form action=http://evil.example><button>Valid",
    "<meta http-equiv=refresh content=0;url=http://evil.example>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "{detail}{name}{record}",
    "__proto__",
    "constructor",
    "&lt;b&gt;&#x202e;",
    "<h2 id=verdict>Valid</h2>",
)
MARKS = (
    "\u202e",
    "\u202d",
    "\u2066",
    "\u2067",
    "\u2069",
    "\u200f",
    "\u061c",
    "\u200b",
    "\ufeff",
    "\0",
    "\x1b[2J",
    "\r\n",
)
WORDS = (
    "Valid",
    "Gültig",
    "有效",
    "صالح",
    "תקף",
    "שלום עולם",
    "valid.hanse",
    "cannot check",
    "\u0335" * 40,
    "A" * 3_000,
)


@dataclass(frozen=True)
class Hostile:
    """A file that is chosen, or a code that is read: then `code` is what it says."""

    name: str
    data: bytes
    type: str = ""
    code: str | None = None


def text(random: Random) -> str:
    """Draw a text of an attacker."""
    parts = [random.choice(random.choice((MARKUP, MARKS, WORDS))) for _ in range(random.randrange(1, 5))]
    parts.insert(random.randrange(len(parts) + 1), SKULL)
    return "".join(parts)


def hostile_files(seed: int, count: int) -> Iterator[Hostile]:
    """Draw files, the same each time from the same seed."""
    random = Random(seed)  # noqa: S311 (the same each time)
    makers = (_bare, _bare, _in_a_proof, _in_a_proof, _cut, _trust, _named_trust, _sound, _picture, _code)
    for number in range(count):
        yield makers[number % len(makers)](random)


def _bare(random: Random) -> Hostile:
    begin = random.choice(
        ("", '{"@type":"hanse.proof/2"', '{"@type":"hanse.trust/2",', '{"@type":"', "\ufeff", "<html>", "%PDF-")
    )
    return Hostile(text(random), (begin + text(random)).encode("utf-8", "surrogatepass"))


def _in_a_proof(random: Random) -> Hostile:
    """Put a text in the place of one in a proof that holds, or beside those that stand there."""
    return Hostile(text(random), _written(_changed(json.loads(whole_proof()), random)))


def _cut(random: Random) -> Hostile:
    data = whole_proof()
    at = random.randrange(len(data))
    return Hostile(
        text(random), data[:at] + text(random).encode("utf-8", "surrogatepass") + data[at + random.randrange(9) :]
    )


def _trust(random: Random) -> Hostile:
    return Hostile(text(random), _written(_changed(json.loads(TrustFile(GENESIS).to_bytes()), random)))


def _named_trust(random: Random) -> Hostile:
    """A trust file that can be used, of a ledger with an attacker's name: of markup, in letters of two directions."""
    name = f"{SKULL} {random.choice(MARKUP)} {random.choice(('תקף', 'صالح', 'Valid'))}"
    return Hostile(text(random), TrustFile(replace(GENESIS, name=name[:64].strip())).to_bytes())


def _sound(random: Random) -> Hostile:
    """A proof that holds, of a document whose terms say an attacker's texts."""
    return Hostile(text(random), random.choice(sound_proofs()))


def _picture(random: Random) -> Hostile:
    data = f"<svg xmlns='http://www.w3.org/2000/svg' onload='hit=1'><script>hit=1</script>{text(random)}</svg>"
    return Hostile(text(random), data.encode("utf-8", "surrogatepass"), random.choice(("image/svg+xml", "image/png")))


def _code(random: Random) -> Hostile:
    begin = random.choice(
        ("", "https://", "http://market.example@", "https://evil.example/", "https://x.example/#01", "01")
    )
    return Hostile(text(random), b"", code=begin + text(random))


@cache
def sound_proofs() -> tuple[bytes, ...]:
    """Proofs that hold, each of an invoice that says an attacker's texts, and shows them."""
    random = Random("terms")  # noqa: S311 (the same each time)
    return tuple(_told(random) for _ in range(8))


def _told(random: Random) -> bytes:
    terms = {**INVOICE_TERMS, "BT-1": text(random), "BT-20": text(random), "BT-27": text(random)}
    corridor = traders()
    document = commit_document(CommittedKind.INVOICE, INVOICE_FILE, terms, INVOICE_SEED, discoverable=False)
    corridor.submit(replace(corridor.make.invoice(), document=document), "seller", name="invoice")
    record = corridor.signed["invoice"].id
    shown = [
        TermPart(record=record, shown=disclose(CommittedKind.INVOICE, terms, INVOICE_SEED, name))
        for name in sorted(terms)
    ]
    return write_proof(ProofMaker(corridor).proof(corridor.id["invoice"], terms=shown))


def _changed(value: Any, random: Random) -> Any:
    """Change one place in a value of JSON, wherever it lies."""
    if isinstance(value, Mapping) and value:
        names = list(value)
        if random.random() < 0.1:
            return {**value, text(random): text(random)}
        name = random.choice(names)
        if random.random() < 0.05:
            return {text(random) if each == name else each: inner for each, inner in value.items()}
        return {**value, name: _changed(value[name], random)}
    if isinstance(value, list) and value:
        at = random.randrange(len(value))
        return [_changed(inner, random) if place == at else inner for place, inner in enumerate(value)]
    return text(random)


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8", "surrogatepass")
