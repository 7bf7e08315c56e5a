"""Disclosed terms in proof files: they say what the signed record says, and the same to every reader."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_cli.output.showing import describe, describe_text
from hanse_client.verify.report import quoted, report_json, report_text
from hanse_ledger.proofs.prooffile import TermPart, write_proof
from hanse_ledger.proofs.report import Report, ShownTerm
from hanse_ledger.values import limits
from hanse_ledger.values.patterns import plain
from hanse_ledger.values.types import ObjectId
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.catalogue import CATALOGUES, CommittedKind
from hanse_ledger.wire.commitments import CommittedTerms, DisclosedTerm, commit_terms
from tests.tables.hand_made_terms import HandMadeMap, leaf_of, made_of, shown
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import check, told
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import (
    CERTIFICATE_SEED,
    CERTIFICATE_TERMS,
    INVOICE_SEED,
    INVOICE_TERMS,
    MESSAGE_SEED,
    MESSAGE_TERMS,
)

STEP = 8
NASTY = [
    "\x1b[2J\x1b[1;1HVALID",
    "a\nVALID: everything",
    "\u202egpj.exe",
    "x\u2028VALID",
    "\x9b31m",
    "\U000e0041\U000e0042",
    "a\u200bb",
    "\u3164\u3164",
    "z" + "\u0301" * 40,
    " " * 200 + "VALID",
    "x\" (agrees with the record's /payable_minor)",
    "not stated",
]


def evidence(corridor: Corridor, name: str, *terms: DisclosedTerm) -> list[TermPart]:
    """Say whose the terms are."""
    return [TermPart(record=corridor.signed[name].id, shown=term) for term in terms]


def invoiced(terms: Mapping[str, str], seed: bytes = INVOICE_SEED) -> tuple[Corridor, ObjectId, CommittedTerms]:
    """An invoice of 1,000.00 EUR of 2026-09-21, due 2026-10-21, whose document says something else."""
    corridor = traders()
    committed = CommittedTerms(CommittedKind.INVOICE, terms, seed)
    return corridor, issue(corridor, committed.root), committed


def issue(corridor: Corridor, root: bytes) -> ObjectId:
    """Issue the invoice with a commitment of one's own."""
    body = corridor.make.invoice()
    invoice = corridor.submit(replace(body, document=replace(body.document, terms=root)), "seller", name="invoice")
    corridor.accept_invoice()
    return invoice


def disclosed(corridor: Corridor, subject: ObjectId, name: str, *terms: DisclosedTerm) -> Report:
    """Check a proof that discloses terms."""
    return check(ProofMaker(corridor).proof(subject, terms=evidence(corridor, name, *terms)))


def refused(report: Report) -> bool:
    """Tell whether the terms were what was refused."""
    return report.verdict is Verdict.TAMPERED and report.steps[-1].number == STEP and not report.terms


def test_terms_that_agree_are_said_so() -> None:
    """Each term comes with the field that it agrees with, or as the document's word alone; one not stated says so."""
    committed = CommittedTerms(CommittedKind.INVOICE, INVOICE_TERMS, INVOICE_SEED)
    names = ["BG-25/2/BT-131", "BG-25/4", "BT-1", "BT-10", "BT-115", "BT-2", "BT-3", "BT-5", "BT-9"]
    report = disclosed(told(), told().id["invoice"], "invoice", *map(committed.disclose, names))
    assert report.verdict is Verdict.VALID
    record = told().signed["invoice"].id
    assert report.terms == tuple(
        ShownTerm(record=record, name=name, value=INVOICE_TERMS.get(name), field=field)
        for name, field in zip(
            names,
            [None, None, None, None, "/payable_minor", "/issued", "/type_code", "/currency", "/due"],
            strict=True,
        )
    )
    text = report_text(report)
    assert '  BT-1: "INV-2026-001" (the document\'s word alone)' in text
    assert '  BT-115: "1000.00" (agrees with the record\'s /payable_minor)' in text
    assert "  BT-10: not stated (the document's word alone)" in text
    assert [term["value"] for term in json.loads(report_json(report))["terms"]][3] is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BT-115", "9999999.99"),
        ("BT-115", "1000.01"),
        ("BT-115", "-1000.00"),
        ("BT-115", "1000.000001"),
        ("BT-115", "1000,00"),
        ("BT-115", "100000"),
        ("BT-115", "1e3"),
        ("BT-115", "\u0661000.00"),
        ("BT-115", ""),
        ("BT-115", "9" * 5_000),
        ("BT-2", "1999-01-01"),
        ("BT-2", "2026-09-31"),
        ("BT-2", "2026-09-21T00:00:00Z"),
        ("BT-3", "381"),
        ("BT-5", "USD"),
        ("BT-5", "EUR "),
        ("BT-9", "2040-01-01"),
    ],
)
def test_a_term_that_contradicts_the_record_is_tampered(name: str, text: str) -> None:
    """What the document says and the signed header does not is no valid proof, whatever else is shown."""
    corridor, invoice, committed = invoiced({**INVOICE_TERMS, name: text})
    assert refused(disclosed(corridor, invoice, "invoice", committed.disclose(name)))
    assert disclosed(corridor, invoice, "invoice", committed.disclose("BT-1")).verdict is Verdict.VALID


@pytest.mark.parametrize("name", ["BT-115", "BT-2", "BT-3", "BT-5", "BT-9"])
def test_what_the_record_says_cannot_be_shown_as_not_stated(name: str) -> None:
    """A document that is silent on what its record says contradicts it too."""
    terms = {key: value for key, value in INVOICE_TERMS.items() if key != name}
    corridor, invoice, committed = invoiced(terms)
    assert refused(disclosed(corridor, invoice, "invoice", committed.disclose(name)))


def test_a_due_date_that_the_record_leaves_out_contradicts_it() -> None:
    """A record without a due date is of a document without one."""
    corridor = traders()
    committed = CommittedTerms(CommittedKind.INVOICE, INVOICE_TERMS, INVOICE_SEED)
    body = replace(corridor.make.invoice(), due=None)
    invoice = corridor.submit(body, "seller", name="invoice")
    assert refused(disclosed(corridor, invoice, "invoice", committed.disclose("BT-9")))


@pytest.mark.parametrize("text", ["1000.00", "1000.0", "1000", "+1000.", "01000.000"])
def test_texts_of_one_amount_agree(text: str) -> None:
    """What counts is what the header is made of it: other zeros are the same amount."""
    corridor, invoice, committed = invoiced({**INVOICE_TERMS, "BT-115": text, "BT-2": "2026-09-21+02:00"})
    report = disclosed(corridor, invoice, "invoice", committed.disclose("BT-115"), committed.disclose("BT-2"))
    assert report.verdict is Verdict.VALID
    assert [term.field for term in report.terms] == ["/payable_minor", "/issued"]


def test_an_amount_is_read_by_the_records_own_places() -> None:
    """The currency's places stand in the record, so that nobody can move the point by naming another currency."""
    corridor = traders()
    committed = CommittedTerms(CommittedKind.INVOICE, {**INVOICE_TERMS, "BT-115": "100.000"}, INVOICE_SEED)
    body = corridor.make.invoice()
    moved = replace(body, minor_digits=3, document=replace(body.document, terms=committed.root))
    invoice = corridor.submit(moved, "seller", name="invoice")
    corridor.accept_invoice()
    assert disclosed(corridor, invoice, "invoice", committed.disclose("BT-115")).verdict is Verdict.VALID
    assert refused(
        disclosed(*invoiced({**INVOICE_TERMS, "BT-115": "100.000"})[:2], "invoice", committed.disclose("BT-115"))
    )


def test_one_invoice_says_one_thing_to_all_readers() -> None:
    """A maker of two values of one name finds no second place for it: neither leaf at another's place opens."""
    corridor = traders()
    said = dict.fromkeys(CATALOGUES[CommittedKind.INVOICE].single) | {"BT-115": "1000.00"}
    two = made_of(INVOICE_SEED, said)
    second = HandMadeMap({**two.leaves, "BT-116": leaf_of(INVOICE_SEED, "BT-115", "1000000.00")})
    invoice = issue(corridor, second.root)
    first, other = shown(second.show("BT-115")), shown(second.show("BT-116"))
    assert disclosed(corridor, invoice, "invoice", first).terms[0].value == "1000.00"
    assert refused(disclosed(corridor, invoice, "invoice", other))
    assert refused(disclosed(corridor, invoice, "invoice", first, other))
    assert refused(disclosed(corridor, invoice, "invoice", first, first))


CERTIFIED = [
    ("lines/1/hs_code", "610990"),
    ("lines/1/origin", "VN"),
    ("lines/1/quantity_micro", "500001"),
    ("lines/1/quantity_micro", "5e5"),
    ("lines/1/unit", "KGM"),
    ("lines/3/hs_code", "610910"),
    ("valid_from", "1999-01-01"),
    ("valid_until", "2099-01-01"),
    ("valid_until", "never"),
]


@pytest.mark.parametrize(("name", "text"), CERTIFIED)
def test_a_certificate_says_what_its_record_says(name: str, text: str) -> None:
    """Lines and validity are compared line by line, and a line more contradicts the record too."""
    corridor, terms = traders(), {**CERTIFICATE_TERMS, name: text}
    committed = CommittedTerms(CommittedKind.CERTIFICATE, terms, CERTIFICATE_SEED)
    body = corridor.make.certificate()
    body = replace(body, document=replace(body.document, terms=committed.root))
    certificate = corridor.submit(body, "chamber", name="certificate")
    assert refused(disclosed(corridor, certificate, "certificate", committed.disclose(name)))
    assert not refused(disclosed(corridor, certificate, "certificate", committed.disclose("number")))


def test_a_line_that_is_certified_cannot_be_shown_as_absent() -> None:
    """A certificate of one line, on record with two, is no certificate of the second."""
    corridor = traders()
    terms = {name: text for name, text in CERTIFICATE_TERMS.items() if not name.startswith("lines/1/")}
    committed = CommittedTerms(CommittedKind.CERTIFICATE, terms, CERTIFICATE_SEED)
    body = corridor.make.certificate()
    body = replace(body, document=replace(body.document, terms=committed.root))
    certificate = corridor.submit(body, "chamber", name="certificate")
    assert refused(disclosed(corridor, certificate, "certificate", committed.disclose("lines/1")))
    report = disclosed(corridor, certificate, "certificate", committed.disclose("lines/2/unit"))
    assert [(term.name, term.field) for term in report.terms] == [("lines/2/unit", "/lines/1/unit")]


@pytest.mark.parametrize(
    ("name", "text"), [("amount_minor", "1"), ("currency", "USD"), ("exponent", "0"), ("uetr", "none")]
)
def test_a_payment_message_says_what_was_credited(name: str, text: str) -> None:
    """A confirmation's message is of the payment that it confirms: its amount, its currency, its UETR."""
    corridor = traders()
    corridor.issue_invoice()
    payment = corridor.instruct_payment()
    good = CommittedTerms(CommittedKind.PAYMENT, {**MESSAGE_TERMS, name: text, "message": "M-1"}, MESSAGE_SEED)
    body = corridor.make.confirmation()
    corridor.submit(replace(body, document=replace(body.document, terms=good.root)), "bank-cn", name="message")
    assert refused(disclosed(corridor, payment, "message", good.disclose(name)))
    assert disclosed(corridor, payment, "message", good.disclose("message")).verdict is Verdict.VALID


def test_an_honest_message_agrees() -> None:
    """All that a message says of the payment agrees with its instruction."""
    corridor = traders()
    corridor.issue_invoice()
    payment = corridor.instruct_payment()
    corridor.submit(corridor.make.confirmation(), "bank-cn", name="message")
    committed = CommittedTerms(CommittedKind.PAYMENT, MESSAGE_TERMS, MESSAGE_SEED)
    report = disclosed(corridor, payment, "message", *map(committed.disclose, sorted(MESSAGE_TERMS)))
    assert report.verdict is Verdict.VALID
    assert [term.field for term in report.terms] == ["/credited_minor", "/currency", "/minor_digits", "/uetr"]


def test_an_identity_is_shown_alike() -> None:
    """A party shows its name, and that it has no VAT number; the record says neither."""
    corridor = traders()
    terms, seed = {"name": "Qingwan", "country": "CN"}, INVOICE_SEED
    body = replace(corridor.make.enrolment("other"), identity=commit_terms(CommittedKind.IDENTITY, terms, seed))
    party = corridor.submit(body, "market", "other", name="other")
    committed = CommittedTerms(CommittedKind.IDENTITY, terms, seed)
    report = disclosed(corridor, party, "other", committed.disclose("name"), committed.disclose("vat"))
    assert [(term.name, term.value, term.field) for term in report.terms] == [
        ("name", "Qingwan", None),
        ("vat", None, None),
    ]
    invoice_term = CommittedTerms(CommittedKind.INVOICE, {"BT-1": "x"}, seed).disclose("BT-1")
    assert refused(disclosed(corridor, party, "other", invoice_term))


def test_a_term_of_a_record_that_commits_to_nothing_is_refused() -> None:
    """A term is of a record in the file, and of one that commits to terms."""
    term = CommittedTerms(CommittedKind.INVOICE, INVOICE_TERMS, INVOICE_SEED).disclose("BT-1")
    made = ProofMaker(told())
    for record in (bytes(32), told().signed["import"].id, told().signed["certificate"].id):
        report = check(made.proof(told().id["import"], terms=[TermPart(record=record, shown=term)]))
        assert refused(report)


def test_terms_stand_in_order() -> None:
    """One proof has one form: terms in order of their records and names, each once."""
    committed = CommittedTerms(CommittedKind.INVOICE, INVOICE_TERMS, INVOICE_SEED)
    first, second = committed.disclose("BT-1"), committed.disclose("BT-5")
    assert disclosed(told(), told().id["invoice"], "invoice", first, second).verdict is Verdict.VALID
    assert refused(disclosed(told(), told().id["invoice"], "invoice", second, first))


def test_a_term_is_bounded_before_it_is_opened() -> None:
    """Ways, leaves and texts longer than any honest one are refused as the file is read, before anything is hashed."""
    committed = CommittedTerms(CommittedKind.INVOICE, INVOICE_TERMS, INVOICE_SEED)
    (leaf,) = committed.disclose("BT-1").leaves
    assert len(leaf.siblings) < limits.TERM_PATH_HASHES // 2
    long = [
        DisclosedTerm(leaves=(replace(leaf, siblings=(bytes(32),) * (limits.TERM_PATH_HASHES + 1)),)),
        DisclosedTerm(leaves=(leaf,) * (limits.TERM_DEPTH + 1)),
        DisclosedTerm(leaves=(replace(leaf, leaf=bytes(limits.TERM_BYTES + 1)),)),
        DisclosedTerm(leaves=()),
    ]
    for term in long:
        report = disclosed(told(), told().id["invoice"], "invoice", term)
        assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 1)


@pytest.mark.parametrize("text", NASTY)
def test_no_value_acts_on_the_reader(text: str) -> None:
    """What a document says is quoted: it moves no cursor, ends no line, hides nothing, and is none of our words."""
    corridor, invoice, committed = invoiced({**INVOICE_TERMS, "BT-1": text})
    report = disclosed(corridor, invoice, "invoice", committed.disclose("BT-1"))
    assert report.terms[0].value == text
    lines = [line for line in report_text(report).split("\n") if "BT-1:" in line]
    assert lines == [f"  BT-1: {quoted(text)} (the document's word alone)"]
    assert plain(lines[0]) == lines[0]
    assert lines[0].isprintable()
    assert "   " not in lines[0][2:]
    assert not any(letter in lines[0] for letter in "\u3164\u200b\u202e\u2028")
    assert json.loads(report_json(report))["terms"][0]["value"] == text
    data = write_proof(
        ProofMaker(corridor).proof(invoice, terms=evidence(corridor, "invoice", committed.disclose("BT-1")))
    )
    inspected = describe_text(describe(data))
    assert all(line.isprintable() for line in inspected.split("\n"))
    assert not any(line.startswith("VALID") for line in inspected.split("\n"))


@pytest.mark.parametrize("name", ["\u0412T-1", *NASTY])
def test_no_name_but_the_catalogues_is_shown(name: str) -> None:
    """A maker that commits to a name of its own cannot show it, and the refusal does not speak for it."""
    corridor = traders()
    by_hand = made_of(INVOICE_SEED, {name: "x", "BT-1": "y"})
    invoice = issue(corridor, by_hand.root)
    report = disclosed(corridor, invoice, "invoice", shown(by_hand.show(name)))
    assert refused(report)
    assert all(line.isprintable() for line in report_text(report).split("\n"))


@given(st.text(max_size=60))
def test_quoted_text_is_one_line_of_what_is_seen(text: str) -> None:
    """Whatever the text: it prints, ends where its quotation marks do, and two texts are never written alike."""
    said = quoted(text)
    assert said.isprintable()
    inner = said[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in inner
    assert json.loads(undo(said)) == text


def undo(said: str) -> str:
    """Turn the escapes into those of JSON."""
    letters, rest = "", said
    while rest:
        step = 1
        if rest.startswith("\\"):
            width = {"x": 2, "u": 4, "U": 8}.get(rest[1])
            step = 2 if width is None else 2 + width
            letters += rest[:step] if width is None else json.dumps(chr(int(rest[2:step], 16)))[1:-1]
        else:
            letters += rest[0]
        rest = rest[step:]
    return letters
