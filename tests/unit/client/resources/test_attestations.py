"""An attestation: who looked at what of a party, on which day; its terms are shown one by one."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse_client import Identity
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import DocumentError, InvalidInput, UnsupportedDocument
from hanse_client.base.identifiers import Id
from hanse_client.resources.sharing.lookedat import LookedAt
from hanse_documents.semantics import checkdigits
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.values.verdict import Verdict
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import TERMS, World
from tests.world.typed.desk import make_node_here, node_here

REGISTER = LookedAt(documents=("register extract",))
SOUND = {Verdict.VALID, Verdict.VALID_WITH_WARNINGS}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


def test_an_attestation_takes_no_other_opening_away(world: World) -> None:
    """Each has one of its own, by its record, and the party's identity keeps its: all are shown in one proof."""
    with world.client("market") as market:
        records = [
            market.parties.attest(
                world.buyer_id, examiner=desk, day="2026-11-03", terms=["name", "lei"], looked_at=REGISTER
            ).record_id
            for desk in ("Desk 4", "Desk 5")
        ]
        assert market.parties.opening(world.buyer_id).terms == TERMS
        shown_of_each = ["examined", "examiner", "documents/1", "terms/2"]
        disclosed: dict[Id, list[str]] = {**dict.fromkeys(records, shown_of_each), world.buyer_id: ["lei"]}
        report = market.verify(market.proof(world.buyer_id, disclose=disclosed))
    assert report.verdict in SOUND, report.detail
    shown = {(bytes(term.record), term.name): term.value for term in report.terms}
    for record, desk in zip(records, ("Desk 4", "Desk 5"), strict=True):
        said = {name: shown[bytes(record), name] for name in shown_of_each}
        assert said == {
            "examined": "2026-11-03",
            "examiner": desk,
            "documents/1": "register extract",
            "terms/2": "lei",
        }
    assert TERMS["lei"] in shown.values()


def test_what_is_not_shown_of_an_attestation_is_not_told(world: World) -> None:
    """The day alone: who looked, and at what, stands nowhere in the file."""
    with world.client("market") as market:
        record = market.parties.attest(
            world.seller_id,
            examiner="Desk 9",
            day="2026-11-03",
            terms=["name"],
            looked_at=LookedAt(documents=("extract HRB 4711",)),
        ).record_id
        data = market.proof(world.seller_id, disclose={record: ["examined"]})
        report = market.verify(data)
    assert [(term.name, term.value) for term in report.terms] == [("examined", "2026-11-03")]
    leaves = b"".join(leaf.leaf for part in read_proof(data).terms for leaf in part.shown.leaves)
    assert b"2026-11-03" in leaves
    assert b"Desk 9" not in leaves
    assert b"HRB 4711" not in leaves


SAID = "E" + "Abcdefghijklmnopqrstu-_0123456789" + "ABCDEFGHIJ"
IDENTITY = {
    "name": "Bunte Teller GmbH",
    "lei": "000000QINGWANKILN189",
    "vat": "DE811128135",
    "register": "HRB 4711",
    "register_name": "Hamburg",
}
ALL = LookedAt(
    documents=("articles of association",),
    lei="000000qingwankiln189",
    register="HRB 4711",
    register_name="Hamburg",
    register_dated="2026-11-01",
    register_extract=b"%PDF extract",
    vat="DE 811128135",
    vat_consultation="WAPIAAAAX1",
    vat_consulted="2026-11-02",
    vlei=SAID,
    wallet=b"eyJ-sd-jwt",
    wallet_type="eu.europa.ec.eudi.lpid.1",
    wallet_issuer="Bundesanzeiger Verlag",
)


def sentences(world: World, party: bytes, disclosed: dict[Id, list[str]]) -> tuple[str, str]:
    """Give what a proof of a party establishes of who it is, and what not."""
    with world.client("market") as market:
        report = market.verify(market.proof(party, disclose=disclosed))
    assert report.verdict in SOUND, report.detail
    of_party = (
        [text for text in texts if "was said to be" in text or "looked at whether" in text]
        for texts in (report.established, report.not_established)
    )
    said, unsaid = ("\n".join(texts) for texts in of_party)
    return said, unsaid


def test_every_kind_of_evidence_is_shown_by_itself(world: World) -> None:
    """Who it was said to be, by whom, when, and of what was looked at exactly what is disclosed."""
    firm = Identity.generate("firm")
    with world.client("market") as market:
        party = market.parties.enrol(firm, roles=["buyer"], terms=IDENTITY).object_id
        assert not list(market.parties.attestations(party))
        said, unsaid = sentences(world, party, {party: ["name", "vat"]})
        assert said == ""
        assert "Bunte Teller GmbH" in unsaid
        assert "no attestation in the file says so" in unsaid
        receipt = market.parties.attest(
            party, examiner="Desk 4", day="2026-11-03", terms=["name", "register"], looked_at=ALL
        )
        (view,) = market.parties.attestations(party)
    record, expected = receipt.record_id, ALL.terms(now_ms())
    assert view.record_id == record
    assert view.terms == {
        "examined": "2026-11-03",
        "examiner": "Desk 4",
        "terms/1": "name",
        "terms/2": "register",
        **expected,
    }
    assert expected["register_extract"] == hashlib.sha256(b"%PDF extract").hexdigest()
    assert (expected["lei"], expected["vat"]) == ("000000QINGWANKILN189", "DE 811128135")
    for name, value in expected.items():
        said, unsaid = sentences(world, party, {record: [name, "terms/1"], party: ["name"]})
        assert "said to be name 'Bunte Teller GmbH' by" in said
        assert said.endswith(f"{' '.join(name.removesuffix('/1').split('_'))} '{value}'")
        assert "market" in said
        assert unsaid == ""
        assert not [other for key, other in expected.items() if other in said and key != name and other != value]


def test_what_is_not_attested_is_told_apart(world: World) -> None:
    """A term for which nobody looked, and one of which it is not shown that somebody did, count as neither."""
    with world.client("market") as market:
        record = market.parties.attest(
            world.buyer_id, examiner="Desk 7", day="2026-11-04", terms=["name"], looked_at=REGISTER
        ).record_id
    said, unsaid = sentences(world, world.buyer_id, {record: ["terms/1"], world.buyer_id: ["name", "lei"]})
    assert f"said to be name '{TERMS['name']}' by" in said
    assert TERMS["lei"] in unsaid
    assert TERMS["lei"] not in said
    said, unsaid = sentences(world, world.buyer_id, {record: ["examiner"], world.buyer_id: ["name"]})
    assert "said to be somebody whom the proof does not name by" in said
    assert "examiner 'Desk 7'" in said
    assert TERMS["name"] in unsaid
    nothing, _ = sentences(world, world.buyer_id, {})
    assert nothing.count("shown of who looked at what: nothing") >= 1


def test_a_reason_stands_where_nothing_was_looked_at(world: World) -> None:
    """It is one of both: what was looked at, or why nothing was; and it is told as such."""
    reason = LookedAt(unexamined_because="a bank of the corridor since 1952")
    with world.client("market") as market:
        record = market.parties.attest(
            world.seller_id, examiner="Desk 4", day="2026-11-03", terms=["name"], looked_at=reason
        ).record_id
    said, _ = sentences(world, world.seller_id, {record: ["unexamined_because"]})
    assert "unexamined because 'a bank of the corridor since 1952'" in said


@pytest.mark.parametrize(
    ("looked_at", "words"),
    [
        (LookedAt(), "why nothing was"),
        (LookedAt(documents=("page",), unexamined_because="known"), "one of both"),
        (LookedAt(lei="000000QINGWANKILN188"), "mistyped or made up"),
        (LookedAt(lei="5299000J2N45DDNE4Y28"), "is of another"),
        (LookedAt(vat="DE811128136"), "mistyped or made up"),
        (LookedAt(vat_consultation="W1"), "without VAT number and vat consulted"),
        (LookedAt(vat="DE811128135", vat_consulted="2999-01-01"), "has not come yet"),
        (LookedAt(vat="DE811128135", vat_consulted="yesterday"), "is no day"),
        (LookedAt(register="HRB 1"), "without register name"),
        (LookedAt(register="1", register_name="X", register_extract=b"x"), "without register dated"),
        (LookedAt(vlei="E123"), "no SAID"),
        (LookedAt(wallet=b"x"), "without wallet type and wallet issuer"),
        (LookedAt(documents=("page",), register_name="X"), "without register number"),
    ],
)
def test_what_cannot_have_been_looked_at_is_refused(world: World, looked_at: LookedAt, words: str) -> None:
    """Nothing is sent, and the refusal says what is wrong."""
    with world.client("market") as market:
        before = len(list(market.parties.attestations(world.buyer_id)))
        with pytest.raises((InvalidInput, DocumentError), match=words):
            market.parties.attest(
                world.buyer_id, examiner="Desk 4", day="2026-11-03", terms=["name"], looked_at=looked_at
            )
        assert len(list(market.parties.attestations(world.buyer_id))) == before


def test_nobody_vouches_for_what_he_has_not_seen(world: World, tmp_path: Path) -> None:
    """Where the identity is not known it is shown first, and checked against the enrolment; then it is kept."""
    with world.client("market", home=tmp_path / "desk") as market:

        def attest(terms: list[str], shown: bytes | None = None) -> bytes:
            return market.parties.attest(
                world.buyer_id, examiner="Desk 4", day="2026-11-03", terms=terms, looked_at=REGISTER, shown=shown
            ).record_id

        with pytest.raises(InvalidInput, match="is not known in this home folder"):
            attest(["name"])
        with world.client("buyer") as buyer:
            shown = buyer.parties.show_identity(world.buyer_id)
            others = buyer.parties.show_identity(world.seller_id)
        with pytest.raises(InvalidInput, match="The file shows who party"):
            attest(["name"], others)
        with pytest.raises(InvalidInput, match="its identity is another"):
            attest(["name"], shown.replace(b"Qingwan Kiln", b"Another Kiln"))
        with pytest.raises(InvalidInput, match="does not state the term vat"):
            attest(["vat"], shown)
        with pytest.raises(InvalidInput, match="no term of an identity"):
            attest(["colour"])
        with pytest.raises(InvalidInput, match="each once"):
            attest(["name", "name"])
        record = attest(["name"])
        data = market.proof(world.buyer_id, disclose={record: ["terms/1"], world.buyer_id: ["name"]})
        assert any("said to be name" in text for text in market.verify(data).established)


def test_what_could_not_be_checked_is_not_said_to_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what knows check digits a number is neither right nor mistyped, and nothing is attested."""

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(checkdigits, "import_module", missing)
    with pytest.raises(UnsupportedDocument, match="is not checked"):
        LookedAt(lei="213800WSGIIZCXF1P572").terms(now_ms())
