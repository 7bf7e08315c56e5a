"""Commitments to terms: show some, hide others, show that one is not said."""

import re
from hashlib import sha256

import pytest
from msgspec.structs import replace

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.wire.catalogue import CATALOGUES, CommittedKind, Names, place_of
from hanse_ledger.wire.commitments import (
    CommittedTerms,
    DisclosedTerm,
    ShownLeaf,
    commit_file,
    commit_terms,
    disclose,
    open_term,
)
from tests.tables.commitments import commit_document
from tests.tables.hand_made_terms import climb, leaf_of, made_of, salt_of, shown
from tests.tables.reference import pack, unpack
from tests.tables.terms_drawn import names_of
from tests.world.corridor_genesis import seed_of

INVOICE, CERTIFICATE, IDENTITY = CommittedKind.INVOICE, CommittedKind.CERTIFICATE, CommittedKind.IDENTITY
SEED = seed_of("terms")
TERMS = {
    "BT-1": "INV-1",
    "BT-2": "2026-09-21",
    "BT-115": "1000.00",
    "BT-27": "卖方",
    "BT-44": "",
    "BG-25/1/BT-131": "600.00",
    "BG-25/3/BT-131": "400.00",
    "BG-25/3/BT-158/2/BT-158": "690911",
}
COMMITTED = CommittedTerms(INVOICE, TERMS, SEED)
ROOT = COMMITTED.root


def test_an_identity_is_the_map_that_the_page_describes() -> None:
    """A second maker, from the format page alone, comes to the same root."""
    said = {"name": "Qingwan", "lei": "5493", "identifiers/1/scheme": "DE HRB", "identifiers/1/value": "7"}
    item = made_of(SEED, {name: said[name] for name in ("identifiers/1/scheme", "identifiers/1/value")})
    top = dict.fromkeys(CATALOGUES[IDENTITY].single) | {"name": "Qingwan", "lei": "5493", "identifiers/1": item.root}
    by_hand = made_of(SEED, top)
    assert commit_terms(IDENTITY, said, SEED) == by_hand.root
    term = disclose(IDENTITY, said, SEED, "identifiers/1/value")
    assert term == shown(by_hand.show("identifiers/1"), item.show("identifiers/1/value"))
    assert disclose(IDENTITY, said, SEED, "vat") == shown(by_hand.show("vat"))


def test_each_leaf_is_a_name_a_salt_and_a_value() -> None:
    """Leaves are canonical arrays; each salt derives from the seed and the whole name."""
    leaves = [unpack(each.leaf) for each in COMMITTED.disclose("BG-25/3/BT-158/2/BT-158").leaves]
    names = ["BG-25/3", "BG-25/3/BT-158/2", "BG-25/3/BT-158/2/BT-158"]
    assert [leaf[:2] for leaf in leaves] == [[name, salt_of(SEED, name)] for name in names]
    assert leaves[2][2] == "690911"
    assert unpack(COMMITTED.disclose("BT-9").leaves[0].leaf) == ["BT-9", salt_of(SEED, "BT-9"), None]


def test_each_way_leads_to_the_map_above() -> None:
    """The value of `BG-25/3` is the root of the map of the third line, and so on down."""
    term = COMMITTED.disclose("BG-25/3/BT-158/2/BT-158")
    root = ROOT
    for leaf in term.leaves:
        name, _, value = unpack(leaf.leaf)
        assert climb(name, leaf) == root
        root = value


def test_order_of_the_terms_does_not_matter() -> None:
    """A mapping has no order; the commitment has."""
    assert commit_terms(INVOICE, dict(reversed(list(TERMS.items()))), SEED) == ROOT


def test_another_seed_hides_the_same_terms_otherwise() -> None:
    """Equal documents cannot be recognised by their commitments."""
    assert commit_terms(INVOICE, TERMS, seed_of("other")) != ROOT


@pytest.mark.parametrize("name", TERMS)
def test_shown_term_opens(name: str) -> None:
    """Each term can be shown alone, and says its name and value."""
    term = open_term(INVOICE, COMMITTED.disclose(name), ROOT)
    assert (term.name, term.value) == (name, TERMS[name])


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("BT-9", "BT-9"),
        ("BG-25/1/BT-159", "BG-25/1/BT-159"),
        ("BG-25/2/BT-131", "BG-25/2"),
        ("BG-25/4", "BG-25/4"),
        ("BG-25/4/BT-158/1/BT-158", "BG-25/4"),
        ("BG-25/3/BT-158/1/BT-158", "BG-25/3/BT-158/1"),
        ("BG-20/1/BT-92", "BG-20/1"),
    ],
)
def test_what_is_not_said_can_be_shown(name: str, seen: str) -> None:
    """Absence is the nil leaf: the term's own, or that of the line that is not there."""
    term = open_term(INVOICE, COMMITTED.disclose(name), ROOT)
    assert (term.name, term.value) == (seen, None)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (INVOICE, "BT-4"),
        (INVOICE, "\u0412T-1"),
        (INVOICE, "BT-131"),
        (INVOICE, "BG-25"),
        (INVOICE, "BG-25/0/BT-131"),
        (INVOICE, "BG-25/01/BT-131"),
        (INVOICE, "BG-25/1025/BT-131"),
        (INVOICE, "BG-25/\u0661/BT-131"),
        (INVOICE, "BG-25/1/BT-1"),
        (INVOICE, "BG-25/1/"),
        (INVOICE, "BG-25//BT-131"),
        (INVOICE, "BG-25/1/BT-158"),
        (INVOICE, "BG-25/1/BT-131/"),
        (INVOICE, ""),
        (INVOICE, "BT-1\n"),
        (IDENTITY, "BT-1"),
        (CERTIFICATE, "exporter"),
        (CERTIFICATE, "exporter/identifiers/1/scheme"),
    ],
)
def test_a_name_outside_the_catalogue_is_refused(kind: CommittedKind, name: str) -> None:
    """Nobody commits to, shows or is shown a name that the kind does not have."""
    with pytest.raises(Malformed, match=r"is no term of an? |BG-25 is counted to 1025; at most 1024"):
        commit_terms(kind, {name: "x"}, SEED)
    with pytest.raises(Malformed, match=r"is no term of an? |BG-25 is counted to 1025; at most 1024"):
        place_of(kind, name)
    by_hand = made_of(SEED, {name: "x", "BT-2": "y"})
    with pytest.raises(ProofInvalid, match=r"is no term of an? |BG-25 is counted to 1025; at most 1024"):
        open_term(kind, shown(by_hand.show(name)), by_hand.root)


def test_every_name_has_a_place_of_its_own() -> None:
    """No two names of a catalogue have one place, and each leads through the groups that its name says."""
    for kind in CommittedKind:
        names = [re.sub("/n(?=/|$)", "/7", name) for name in names_of(kind)]
        places = [place_of(kind, name).leaves for name in names]
        assert [leaves[-1] for leaves in places] == names
        assert len({sha256(name.encode()).digest() for name in names}) == len(names)
        assert all(max(map(len, places)) <= limits.TERM_DEPTH for _ in places)


def test_the_bounds_hold_the_catalogue() -> None:
    """Every line of nothing but its names fits into the bounds, with room for what repeats in it."""

    def least(names: Names) -> int:
        return len(names.single) + len(names.repeated)

    for kind in CommittedKind:
        for group in CATALOGUES[kind].groups.values():
            assert least(group) <= limits.TERM_NAMES // 2
            assert all(least(inner) <= limits.TERM_NAMES for inner in group.groups.values())


LINE, OTHER = COMMITTED.disclose("BG-25/1/BT-131"), COMMITTED.disclose("BG-25/3/BT-131")
SHOWN, ANOTHER = COMMITTED.disclose("BT-2").leaves[0], COMMITTED.disclose("BT-115").leaves[0]


def one(**changes: object) -> DisclosedTerm:
    """Show BT-2 with something changed."""
    return DisclosedTerm(leaves=(replace(SHOWN, **changes),))


@pytest.mark.parametrize(
    "changed",
    [
        one(siblings=SHOWN.siblings[:-1]),
        one(siblings=SHOWN.siblings[1:]),
        one(siblings=(*SHOWN.siblings, bytes(32))),
        one(siblings=(bytes(32), *SHOWN.siblings)),
        one(siblings=tuple(reversed(SHOWN.siblings))),
        one(siblings=ANOTHER.siblings),
        one(siblings=()),
        one(leaf=ANOTHER.leaf),
        one(leaf=SHOWN.leaf + b"\0"),
        one(leaf=pack(["BT-2", salt_of(SEED, "BT-2"), "2026-09-22"])),
        one(leaf=pack(["BT-2", salt_of(SEED, "BT-2"), None])),
        one(leaf=pack(["BT-2", salt_of(SEED, "BT-2"), 20])),
        one(leaf=pack(["BT-2", salt_of(SEED, "BT-2"), bytes(32)])),
        one(leaf=pack(["BT-2", salt_of(SEED, "BT-1"), "2026-09-21"])),
        one(leaf=pack(["BT-2", b"", "2026-09-21"])),
        one(leaf=pack(["BT-2", "2026-09-21"])),
        one(leaf=b"\x93\xd9\x04BT-2" + SHOWN.leaf[6:]),
        one(leaf=b"\x93\xa4BT-2\xc4\x10" + salt_of(SEED, "BT-2") + b"\xd9\x0a2026-09-21"),
        one(leaf=b""),
        DisclosedTerm(leaves=()),
        DisclosedTerm(leaves=(LINE.leaves[1],)),
        DisclosedTerm(leaves=(LINE.leaves[0],)),
        DisclosedTerm(leaves=(OTHER.leaves[0], LINE.leaves[1])),
        DisclosedTerm(leaves=(LINE.leaves[1], LINE.leaves[0])),
        DisclosedTerm(leaves=(*LINE.leaves, LINE.leaves[1])),
        DisclosedTerm(leaves=(SHOWN, LINE.leaves[1])),
        DisclosedTerm(leaves=(*COMMITTED.disclose("BG-25/2").leaves, LINE.leaves[1])),
        DisclosedTerm(leaves=(LINE.leaves[0], replace(LINE.leaves[1], siblings=OTHER.leaves[1].siblings[1:]))),
    ],
)
def test_changed_term_does_not_open(changed: DisclosedTerm) -> None:
    """No other value, name, salt, form, way, or line leads to the commitment."""
    with pytest.raises(ProofInvalid):
        open_term(INVOICE, changed, ROOT)


def test_a_leaf_at_anothers_place_does_not_open() -> None:
    """The sides of a way follow from the name's hash, so that a second value of a name has nowhere to stand."""
    lie = made_of(SEED, dict.fromkeys(CATALOGUES[INVOICE].single) | {"BT-115": "1000.00"})
    second = leaf_of(SEED, "BT-115", "9000.00")
    for name in ("BT-1", "BT-116x", "BG-25/1"):
        by_hand = type(lie)({**lie.leaves, name: second})
        way = by_hand.show(name).siblings
        with pytest.raises(ProofInvalid, match="does not lead to the root"):
            open_term(INVOICE, shown(ShownLeaf(leaf=second, siblings=way)), by_hand.root)
        assert open_term(INVOICE, shown(by_hand.show("BT-115")), by_hand.root).value == "1000.00"


def test_a_line_stands_under_its_own_number() -> None:
    """A maker that gives two lines one map cannot show it under both: the names inside say which line they are of."""
    inner = made_of(SEED, {"BG-25/1/BT-131": "600.00", "BG-25/1/BT-126": "1"})
    by_hand = made_of(SEED, {"BG-25/1": inner.root, "BG-25/2": inner.root})
    good = shown(by_hand.show("BG-25/1"), inner.show("BG-25/1/BT-131"))
    assert open_term(INVOICE, good, by_hand.root).value == "600.00"
    with pytest.raises(ProofInvalid, match="not the way to BG-25/1/BT-131"):
        open_term(INVOICE, shown(by_hand.show("BG-25/2"), inner.show("BG-25/1/BT-131")), by_hand.root)


@pytest.mark.parametrize("value", ["a text", bytes(32)])
def test_a_group_says_nothing_of_its_own(value: str | bytes) -> None:
    """What stands at `BG-25/1` is a map or nothing, and what stands at `BT-1` is a text or nothing."""
    by_hand = made_of(SEED, {"BG-25/1": value, "BT-1": bytes(32)})
    for name in ("BG-25/1", "BT-1"):
        with pytest.raises(ProofInvalid, match="is a group, or holds no text"):
            open_term(INVOICE, shown(by_hand.show(name)), by_hand.root)
    with pytest.raises(ProofInvalid):
        open_term(
            INVOICE,
            shown(by_hand.show("BG-25/1"), made_of(SEED, {"BG-25/1/BT-131": "1"}).show("BG-25/1/BT-131")),
            by_hand.root,
        )


@pytest.mark.parametrize(("lines", "slots"), [(1, 1), (2, 2), (3, 4), (5, 8), (600, 1024), (1024, 1024)])
def test_lines_are_filled_up_to_a_power_of_two(lines: int, slots: int) -> None:
    """Six hundred lines are committed to; the last slot that there is can be shown to be nothing, the next cannot."""
    terms = {f"BG-25/{number}/BT-126": str(number) for number in range(1, lines + 1)}
    committed = CommittedTerms(INVOICE, terms, SEED)
    assert open_term(INVOICE, committed.disclose(f"BG-25/{lines}/BT-126"), committed.root).value == str(lines)
    last = open_term(INVOICE, committed.disclose(f"BG-25/{slots}/BT-126"), committed.root)
    assert last.value == (str(lines) if slots == lines else None)
    with pytest.raises(Malformed, match=r"counted too far|is counted to 1025; at most 1024"):
        committed.disclose(f"BG-25/{slots + 1}/BT-126")


def test_one_cannot_tell_how_many_there_are_under_a_slot() -> None:
    """Ways have the same lengths whether a term, a line or an allowance is there or not."""
    few = CommittedTerms(INVOICE, {"BT-1": "x", "BG-25/5/BT-126": "5"}, SEED)
    many = CommittedTerms(INVOICE, {"BT-1": "x", "BT-9": "y", "BG-20/1/BT-92": "1", "BG-25/8/BT-126": "8"}, SEED)
    for name in ("BT-1", "BT-9", "BG-25/5", "BG-25/8", "BG-20/1", "BG-21/1"):
        lengths = [
            [len(laid.disclose(name if "/" not in name else f"{name}/{below(name)}").leaves[0].siblings)]
            for laid in (few, many)
        ]
        assert lengths[0] == lengths[1]


def below(name: str) -> str:
    """Name a term of a group."""
    return {"BG-25": "BT-126", "BG-20": "BT-92", "BG-21": "BT-99"}[name.partition("/")[0]]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "there are none"),
        ({"BG-25/1025/BT-126": "x"}, "BG-25 is counted to 1025; at most 1024 are allowed"),
        ({"BG-25/1": "x"}, "names a group"),
        ({"BT-20": "x" * limits.TERM_BYTES}, "BT-20 has more than 32768 bytes"),
        ({f"BG-25/1/BG-32/{number}/BT-160": "x" for number in range(1, 34)}, "BG-25/1 has 92 places for terms"),
        (
            {f"BG-25/{number}/BT-127": "x" * 30_000 for number in range(1, 150)},
            "4470000 letters in all; at most 4194304",
        ),
    ],
)
def test_terms_have_bounds(terms: dict[str, str], message: str) -> None:
    """None, too many, or one too long: the owner is told which."""
    with pytest.raises(Malformed, match=message):
        commit_terms(INVOICE, terms, SEED)


def test_long_terms_of_payment_are_committed_to() -> None:
    """Five thousand letters of three bytes each are one term."""
    text = "卖" * 5_000
    assert (
        open_term(
            INVOICE, disclose(INVOICE, {"BT-20": text}, SEED, "BT-20"), commit_terms(INVOICE, {"BT-20": text}, SEED)
        ).value
        == text
    )


def test_file_is_committed_under_its_own_salt() -> None:
    """SHA-256(salt, SHA-256(file)); no term's name gives the same salt."""
    file, salt = sha256(b"<xml/>").digest(), sha256(SEED + b"file").digest()[:16]
    assert commit_file(file, SEED) == sha256(salt + file).digest()
    assert salt not in {salt_of(SEED, name) for kind in CommittedKind for name in (*names_of(kind), "file")}


@pytest.mark.parametrize("discoverable", [True, False])
def test_document_shows_its_plain_hash_only_where_it_shall(discoverable: bool) -> None:
    """Whoever holds the file of a discoverable document can look it up; of another one nobody can."""
    document = commit_document(INVOICE, b"<xml/>", TERMS, SEED, discoverable=discoverable)
    assert document.terms == ROOT
    assert document.file == commit_file(sha256(b"<xml/>").digest(), SEED)
    assert document.discoverable == (sha256(b"<xml/>").digest() if discoverable else None)
