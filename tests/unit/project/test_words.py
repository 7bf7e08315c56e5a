"""What is said has one id and one text; every language has all of it, and nothing is left over."""

import ast
import re
from collections import defaultdict
from types import UnionType
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from hanse_ledger.kinds import KINDS, OBJECTS
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.values.messages import COMMA_ID, Said, in_language, placeholders
from hanse_ledger.values.patterns import one_line
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.membership import MemberRole
from hanse_page.messages import PAGE
from hanse_words import ENGLISH, LANGUAGES, catalogue_of, named
from hanse_words.languages import CATALOGUES
from hanse_words.terms import TERMS, term_id
from tests.conftest import ROOT
from tests.tables.terms_drawn import names_of
from tests.words.__main__ import po_bytes
from tests.words.collected import calls, messages, unlike
from tests.words.translations import PO, catalogue_bytes, translations

CALLS = list(calls())
MESSAGES = messages()
OTHERS = [code for code in LANGUAGES if code != ENGLISH]
PLACED = [name for name, words in MESSAGES.items() if placeholders(words)]

PLAIN = {
    "kinds/member/proposals.py": "no proof shows one",
    "proofs/voting.py": "the file of open proposals, which operators exchange",
    "tlog/notes.py": "a verifier key, which operators type",
    "tlog/tlog_proof.py": "for tools of others",
    "tlog/tlog_tiles.py": "between nodes and SDK",
    "trees/claims_map.py": "what a node finds damaged",
    "trees/merkle.py": "proofs between two sizes of a log, which no proof file holds",
}
"""Where errors are plain words, beside those of blocks and of evidence against members: no proof meets them."""

UNNAMED = {
    *("allocations", "balances", "currency", "grants", "holds", "lines", "minor-digits"),
    *("officers", "receipts", "state"),
}
"""Fields that are told otherwise: in an amount, by each share, as numbered lines, or apart."""

ERRORS = {
    "Damaged",
    "FormChanged",
    "Malformed",
    "NotCheckable",
    "NotJudged",
    "OtherRelease",
    "ProofInvalid",
    "Unknown",
    "UnsupportedFormat",
    "Untrusted",
}


def test_an_id_has_one_text() -> None:
    """What is said in two places under one id is the same."""
    texts = defaultdict(set)
    for call in CALLS:
        texts[call.id].add(call.words)
    assert {name: found for name, found in texts.items() if len(found) > 1} == {}


def test_ids_are_words_between_points() -> None:
    """An id is written in one way, so that it can stand in files of any kind."""
    shape = re.compile(r"[a-z0-9]+(\.[A-Za-z0-9_/-]+)+")
    assert [call.id for call in CALLS if not shape.fullmatch(call.id)] == []


@pytest.mark.parametrize("path", sorted({call.path for call in CALLS}))
def test_each_place_in_words_has_its_value(path: str) -> None:
    """Who says something gives as many values as its words have placeholders, and no brace stands there otherwise."""
    for call in CALLS:
        if call.path == path:
            assert call.values in {None, len(placeholders(call.words))}, call
            assert re.sub(r"\{[a-z]+\}", "", call.words).isprintable(), call
            assert not {"{", "}"} & set(re.sub(r"\{[a-z]+\}", "", call.words)), call


def test_what_a_proof_meets_is_said() -> None:
    """No error that the checker can meet is plain words, which nobody could translate."""
    root = ROOT / "ledger" / "hanse_ledger"
    plain = set()
    for path in root.rglob("*.py"):
        name = str(path.relative_to(root))
        if name.startswith(("blocks/", "misbehaviour/")):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _says_plainly(node):
                plain.add(name)
    assert plain == PLAIN.keys()


def _says_plainly(node: ast.Call) -> bool:
    named = isinstance(node.func, ast.Name) and node.func.id in ERRORS
    return named and bool(node.args) and isinstance(node.args[0], ast.Constant | ast.JoinedStr)


@pytest.mark.parametrize("code", OTHERS)
def test_no_language_lacks_a_message(code: str) -> None:
    """Each message has words in each language, and none has words for what is not said."""
    assert translations(code).keys() == MESSAGES.keys()


@pytest.mark.parametrize("code", OTHERS)
def test_no_language_lacks_a_placeholder(code: str) -> None:
    """Each translation has the placeholders of the English words, and no other."""
    found = translations(code)
    assert [name for name, words in MESSAGES.items() if unlike(words, found[name])] == []


@pytest.mark.parametrize("code", OTHERS)
def test_translations_are_plain_lines(code: str) -> None:
    """A translation prints as it is on any terminal: no control, no unseen mark, no other blank than the plain one."""
    for name, words in translations(code).items():
        assert words.isprintable(), name
        assert one_line(words) == words, name
        assert name == COMMA_ID or words == words.strip(), name
        assert "  " not in words, name


@pytest.mark.parametrize("code", LANGUAGES)
def test_catalogues_are_those_of_the_source(code: str) -> None:
    """`make words` would change nothing."""
    assert (CATALOGUES / f"{code}.json").read_bytes() == catalogue_bytes(translations(code))
    assert catalogue_of(code) == translations(code)
    if code != ENGLISH:
        assert (PO / f"{code}.po").read_bytes() == po_bytes(code)


def test_no_catalogue_is_left_over() -> None:
    """Each file belongs to a language."""
    assert {path.name for path in CATALOGUES.iterdir()} == {f"{code}.json" for code in LANGUAGES}
    assert {path.name for path in PO.iterdir()} == {f"{code}.po" for code in OTHERS}


@given(st.sampled_from(PLACED), st.sampled_from(sorted(LANGUAGES)), st.lists(st.text("{}abc\u05d0", max_size=12)))
def test_every_value_stands_in_every_language(name: str, code: str, texts: list[str]) -> None:
    """Whatever braces values have, each stands in the words, and no placeholder is left."""
    places = placeholders(MESSAGES[name])
    values = [f"<{place}{(texts + [''] * len(places))[at]}>" for at, place in enumerate(places)]
    words = in_language(Said(name, tuple(zip(places, values, strict=True)), ""), catalogue_of(code))
    for value in values:
        assert value in words
        words = words.replace(value, "")
    assert "{" not in words


def listed(rows: tuple[Said, ...], before: str) -> set[str]:
    """List the ids of names, without what they have in common."""
    assert all(row.id.startswith(before) for row in rows)
    return {row.id.removeprefix(before) for row in rows}


def test_codes_have_names() -> None:
    """Each verdict, kind, object, role and term has its name in words, and no name is left over."""
    assert listed(named.VERDICTS, "verdict.") == {verdict.value.replace(" ", "-") for verdict in Verdict}
    assert {row.words.lower() for row in named.VERDICTS} == {verdict.value for verdict in Verdict}
    assert {row.id: row.words for row in named.VERDICTS}.items() <= PAGE.items()
    assert listed(named.KINDS, "kind.") == {kind.name for kind in KINDS}
    assert listed(named.ROLES, "role.") == {*MemberRole, *PartyRole}
    assert {(row.id, row.words) for row in named.OBJECTS} == {(f"object.{each.name}", each.name) for each in OBJECTS}
    terms = [re.sub(r"/n(?=/|$)", "/1", name) for kind in CommittedKind for name in names_of(kind)]
    groups = [name[: found.end()] for name in terms for found in re.finditer(r"/1(?=/)", name)]
    assert {row.id for row in TERMS} == {term_id(name) for name in (*terms, *groups)}


def test_states_have_names() -> None:
    """Each object's state is told in words: by what judges it, a name each."""
    told = {name.split(".")[1] for name in MESSAGES if name.startswith("state.")}
    assert told == {each.name for each in OBJECTS}


def test_aspects_have_names() -> None:
    """Each field that is shown of an object has its name, and no name is left over."""
    shown = {"encryption-key", "history", "inbox", "key", "balance", "line", "officer", "grant", "hold", "receipt"}
    for each in OBJECTS:
        for field in structs.fields(each.state):
            if field.name not in {"id", "seed", "history", "inbox"}:
                shown |= _labels(field.type, field.name)
    told = listed(named.ASPECTS, "aspect.")
    assert told <= shown | _nested()
    assert shown - told == UNNAMED


def _labels(kind: object, name: str) -> set[str]:
    # What may be nil stands under its own name while it is.
    either = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    parts = [part for part in either if isinstance(part, type) and issubclass(part, Struct)]
    shown = {_label(field.name) for part in parts for field in structs.fields(part)}
    return shown if len(parts) == len(either) else {_label(name), *shown}


def _label(name: str) -> str:
    for unit in ("_minor", "_micro", "_ms"):
        name = name.removesuffix(unit)
    return name.replace("_", "-")


def _nested() -> set[str]:
    return {
        "allocated-to",
        "reader",
        "stage",
        "standing",
        "times",
        "hs-code",
        "origin",
        "quantity",
        "reserved",
        "unit",
        "written-off",
        "open",
        "released",
        "released-by",
        "drawn",
        "source",
        "product",
        "certificate",
        "invoices",
        "amount",
        "powers",
        "last-moved",
        "drawn-before",
        "at-office",
        "by-record",
        "reserved-before",
        "written-off-before",
        "repair-opened",
        "replaced-by",
    }
