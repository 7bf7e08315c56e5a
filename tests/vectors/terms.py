"""Vectors of disclosed terms: what a checker accepts under a commitment, and what it refuses."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from hanse_ledger.proofs.clearheader import header_of
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import TermPart, write_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import CommittedTerms, DisclosedTerm, ShownLeaf, open_term
from tests.tables.hand_made_terms import HandMadeMap, leaf_of, made_of, salt_of, shown
from tests.tables.proofs import ProofMaker
from tests.tables.reference import pack
from tests.tables.terms_drawn import names_of
from tests.world.corridor import traders
from tests.world.corridor_bodies import INVOICE_TERMS
from tests.world.corridor_genesis import DAY, T0, seed_of

INVOICE = CommittedKind.INVOICE
SEED = seed_of("vectors of terms")
SAID = {
    CommittedKind.CERTIFICATE: {
        "number": "QT26-03318",
        "exporter/identifiers/1": "91330106",
        "exporter/identifiers/2": "CN-4711",
        "lines/1/hs_code": "691110",
        "lines/1/origin": "CN",
        "lines/1/quantity_micro": "120000000",
        "lines/1/unit": "C62",
        "valid_until": "2027-09-17",
    },
    CommittedKind.CREDIT_NOTE: {"BT-1": "CN-2026-11", "BT-5": "EUR", "BT-115": "50.00", "BG-3/1/BT-25": "QW-2026-0917"},
    CommittedKind.IDENTITY: {"name": "青湾窑", "lei": "529900T8BM49AURSDO55", "identifiers/1/scheme": "DUNS"},
    CommittedKind.INVOICE: {
        "BT-1": "QW-2026-0917",
        "BT-2": "2026-09-17",
        "BT-5": "EUR",
        "BT-115": "5150.00",
        "BT-29/1/BT-29": "5790000436057",
        "BG-25/1/BT-131": "4000.00",
        "BG-25/1/BT-158/1/BT-158": "691110",
        "BG-25/3/BT-131": "1000.00",
    },
    CommittedKind.ATTESTATION: {
        "documents/1": "LEI record",
        "examined": "2026-09-20",
        "lei": "000000QINGWANKILN189",
        "register_extract": "ab" * 32,
        "terms/1": "name",
        "terms/2": "lei",
        "vat_consultation": "WAPIAAAAX1",
        "wallet_type": "eu.europa.ec.eudi.lpid.1",
    },
    CommittedKind.ORDER: {"amount_minor": "420000", "currency": "EUR", "exponent": "2", "number": "TR-4471"},
    CommittedKind.PAYMENT: {
        "amount_minor": "515000",
        "currency": "EUR",
        "exponent": "2",
        "documents/1": "QW-2026-0917",
    },
    CommittedKind.TRANSPORT: {"document_type": "705", "lines/1/description": "T-shirts", "number": "BL-88213"},
}
ABSENT = {
    CommittedKind.CERTIFICATE: "lines/1/description",
    CommittedKind.CREDIT_NOTE: "BT-9",
    CommittedKind.IDENTITY: "vat",
    CommittedKind.INVOICE: "BG-25/4/BT-131",
    CommittedKind.ATTESTATION: "examiner",
    CommittedKind.ORDER: "issued",
    CommittedKind.PAYMENT: "uetr",
    CommittedKind.TRANSPORT: "vessel",
}


def terms() -> dict[str, Any]:
    """The file `terms.json`."""
    return {
        "about": "Commitments to the terms of documents, and terms shown under them. `names` are the catalogues, "
        "a part `n` for a number from 1 to 1024; `committed` gives seed, terms and root; `accepted` opens under `root` "
        "and says `value`, nil where it is not stated, and `header` is what header_of makes of it with "
        "`minor_digits`; what is `refused` opens for nobody. A leaf's way has its deepest hash first. `proofs` "
        "are proof files under trust.json, judged at `at`: one of a document that says what its record says, "
        "others of documents that say something else. See docs/formats/terms.md.",
        "names": {kind.value: list(names_of(kind)) for kind in CommittedKind},
        "committed": [
            {"kind": kind.value, "seed": SEED.hex(), "terms": said, "root": CommittedTerms(kind, said, SEED).root.hex()}
            for kind, said in SAID.items()
        ],
        "accepted": list(accepted()),
        "refused": list(refused()),
        "at": T0 + DAY,
        "proofs": list(proofs()),
    }


def proofs() -> Iterator[dict[str, Any]]:
    """Proof files that disclose terms: one of what the record says, and three of what it does not."""
    for name, text in (("BT-115", "1000.00"), ("BT-115", "9999999.99"), ("BT-5", "USD"), ("BT-9", None)):
        said = {key: value for key, value in {**INVOICE_TERMS, name: text}.items() if value is not None}
        committed = CommittedTerms(INVOICE, said, SEED)
        corridor = traders()
        body = corridor.make.invoice()
        body = replace(body, document=replace(body.document, terms=committed.root))
        invoice = corridor.submit(body, "seller", name="invoice")
        corridor.accept_invoice()
        shown_term = TermPart(record=corridor.signed["invoice"].id, shown=committed.disclose(name))
        proof = write_proof(ProofMaker(corridor).proof(invoice, terms=[shown_term]))
        report = check_proof(proof, read_trust(corridor.trust), T0 + DAY)
        yield {"name": name, "value": text, "verdict": report.verdict.value, "proof": proof.decode()}


def accepted() -> Iterator[dict[str, Any]]:
    """Each term that is stated, and one that is not, of each kind."""
    for kind, said in SAID.items():
        committed = CommittedTerms(kind, said, SEED)
        for name in [*said, ABSENT[kind]]:
            term = committed.disclose(name)
            opened = open_term(kind, term, committed.root)
            header = header_of(kind, {opened.name: opened.value}, 2)
            yield {
                "kind": kind.value,
                "root": committed.root.hex(),
                "name": opened.name,
                "value": opened.value,
                "header": header,
                "minor_digits": 2,
                "leaves": written(term),
            }


def refused() -> Iterator[dict[str, Any]]:
    """Terms that are shown wrongly, and commitments that say two things."""
    for why, kind, root, term in cases():
        try:
            open_term(kind, term, root)
        except LedgerError:
            yield {"why": why, "kind": kind.value, "root": root.hex(), "leaves": written(term)}
        else:
            raise AssertionError(why)


Case = tuple[str, CommittedKind, bytes, DisclosedTerm]


def cases() -> Iterator[Case]:
    """Each way of showing a term wrongly, in words."""
    committed = CommittedTerms(INVOICE, SAID[INVOICE], SEED)
    root = committed.root
    single, line, other = (committed.disclose(name) for name in ("BT-115", "BG-25/1/BT-131", "BG-25/3/BT-131"))
    (leaf,) = single.leaves
    salt = salt_of(SEED, "BT-115")

    def changed(**changes: Any) -> DisclosedTerm:
        return DisclosedTerm(leaves=(replace(leaf, **changes),))

    yield "another value", INVOICE, root, changed(leaf=pack(["BT-115", salt, "9999.99"]))
    yield "shown as not stated", INVOICE, root, changed(leaf=pack(["BT-115", salt, None]))
    yield "another salt", INVOICE, root, changed(leaf=pack(["BT-115", bytes(16), "5150.00"]))
    yield "a salt of 15 bytes", INVOICE, root, changed(leaf=pack(["BT-115", salt[:15], "5150.00"]))
    yield "a number for a value", INVOICE, root, changed(leaf=pack(["BT-115", salt, 5150]))
    yield "a leaf of two parts", INVOICE, root, changed(leaf=pack(["BT-115", "5150.00"]))
    yield "the value's length in a longer form", INVOICE, root, changed(leaf=leaf.leaf[:-8] + b"\xd9\x07" + b"5150.00")
    yield "a byte behind the leaf", INVOICE, root, changed(leaf=leaf.leaf + b"\x00")
    yield "the way upside down", INVOICE, root, changed(siblings=leaf.siblings[::-1])
    yield "a hash left out of the way", INVOICE, root, changed(siblings=leaf.siblings[1:])
    yield "an empty place beside the leaf", INVOICE, root, changed(siblings=(bytes(32), *leaf.siblings))
    yield "another commitment", INVOICE, bytes(32), single
    yield "a name of another kind's catalogue", CommittedKind.PAYMENT, root, single
    yield "a line's term without its line", INVOICE, root, DisclosedTerm(leaves=line.leaves[1:])
    yield "a line without a term", INVOICE, root, DisclosedTerm(leaves=line.leaves[:1])
    yield "a line's term under another line", INVOICE, root, DisclosedTerm(leaves=(other.leaves[0], line.leaves[1]))
    yield "a term below a text", INVOICE, root, DisclosedTerm(leaves=(leaf, line.leaves[1]))
    yield from lying()


def lying() -> Iterator[Case]:
    """Maps whose maker lies: what stands in them opens under their roots for nobody who looks at the names."""
    two = HandMadeMap({"BT-115": leaf_of(SEED, "BT-115", "1000.00"), "BT-116x": leaf_of(SEED, "BT-115", "9000.00")})
    yield "a second value at another name's place", INVOICE, two.root, shown(two.show("BT-116x"))
    yield (
        "the same with the way of its own place",
        INVOICE,
        two.root,
        shown(ShownLeaf(leaf=two.show("BT-116x").leaf, siblings=two.show("BT-115").siblings)),
    )
    inner = made_of(SEED, {"BG-25/1/BT-131": "1.00", "BG-25/1/BT-126": "1"})
    lines = made_of(SEED, {"BG-25/1": inner.root, "BG-25/2": inner.root})
    yield "one map under two lines", INVOICE, lines.root, shown(lines.show("BG-25/2"), inner.show("BG-25/1/BT-131"))
    for name in ("BT-4", "bt-115", "BG-25/0/BT-131", "BG-25/01/BT-131", "BG-25/1025/BT-131", "BT-1\n", "\u0412T-1", ""):
        own = made_of(SEED, {name: "x", "BT-1": "y"})
        yield f"the name {name!a}, which no catalogue has", INVOICE, own.root, shown(own.show(name))
    wrong = made_of(SEED, {"BG-25/1": "a text", "BT-1": bytes(32)})
    yield "a text where a line stands", INVOICE, wrong.root, shown(wrong.show("BG-25/1"))
    yield "a root where a text stands", INVOICE, wrong.root, shown(wrong.show("BT-1"))


def written(term: DisclosedTerm) -> list[dict[str, Any]]:
    """Write a shown term's leaves."""
    return [{"leaf": each.leaf.hex(), "siblings": [sibling.hex() for sibling in each.siblings]} for each in term.leaves]
