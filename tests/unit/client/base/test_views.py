"""What the SDK answers: a typed view for each kind of object, and how all of it prints."""

import importlib
import pkgutil
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import replace

import hanse_client
import hanse_ledger.kinds
from hanse_client import Head, Notice, Outcome, Receipt, RecordView, Refusal, Unsettled, verify_file
from hanse_client.base.identifiers import PrintedBytes
from hanse_client.base.objects import VIEWS, ObjectView, aspects_of, kind_of, object_rows, view_of
from hanse_client.base.printing import LONGEST, Printed
from hanse_documents.model.errors import Fault, FaultWeight
from hanse_ledger.kinds import OBJECT_NAMED, OBJECTS, type_of
from hanse_ledger.kinds.invoice.bodies import RefuseInvoice
from hanse_ledger.kinds.kind import ObjectType
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from tests.tables.proofs import ProofMaker
from tests.world.corridor import sign, story
from tests.world.corridor_genesis import GENESIS, T0

ID, OTHER = bytes(range(32)), bytes(range(32, 64))
HOSTILE = "</code><script>alert(1)</script> & \"quoted\" 'so' $\\href{javascript:alert(1)}{here}$ <img src=x onerror=y>"
UNSEEN = "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe\x1b[2J\nsecond line"


def views() -> list[ObjectView]:
    """Give a view of every object of a whole trade, as `show` makes it."""
    return [
        view_of(
            type_of(value).name,
            {name: part for name, part in structs.asdict(value).items() if name not in {"id", "seed"}},
            id=value.id,
            state="live",
            as_of_ms=T0,
            size=9,
            vouchers="all",
        )
        for value in story().ledger.objects.values()
    ]


def record_view(*reasons: str) -> RecordView:
    """Give a view of a record that refuses an invoice."""
    body = RefuseInvoice(invoice=ID, reasons=("PRICE",))
    record = sign(body, "buyer").record
    record = replace(record, body=replace(body, reasons=reasons or body.reasons))
    return RecordView(
        id=OTHER,
        kind="invoice.refuse",
        position=7,
        height=3,
        time_ms=T0,
        record=record,
        signers=record.signers,
        objects=record.refs,
        size=9,
    )


def answers(text: str) -> list[Printed]:
    """Give what the SDK answers beside objects, with a text in every place where others' words may stand."""
    notice = Notice(code="clock-differs", message=text, action=text)
    return [
        notice,
        Receipt(
            record_id=ID,
            object_id=OTHER,
            kind="invoice.issue",
            outcome=Outcome.CREATED,
            position=1,
            height=1,
            time_ms=T0,
            size=2,
            vouchers=(text,),
            warnings=(notice,),
            findings=(Fault(field="BT-1", seen=text, wanted="another"),),
        ),
        Unsettled(record_id=ID, object_id=OTHER, kind=text, expires_ms=T0, repeatable=True),
        Refusal(code="not-holder", detail=text, user_message=text, said_by=text, record_id=ID, others=(text,)),
        Head(origin=text, size=2, root=ID, vouchers=(text,), signed_at_seconds=1, note=b"note\n", strangers=(text,)),
        replace(views()[0], vouchers=text),
        record_view(text),
    ]


@cache
def names() -> dict[str, object]:
    """Give what a person imports who pastes: the SDK's names and the ledger's."""
    known: dict[str, object] = {name: getattr(hanse_client, name) for name in hanse_client.__all__}
    for package in (hanse_ledger.kinds, importlib.import_module("hanse_ledger.proofs")):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            known |= vars(importlib.import_module(module.name))
    known |= vars(importlib.import_module("hanse_ledger.records.record")) | {"Fault": Fault, "FaultWeight": FaultWeight}
    return known | {"Report": hanse_client.Report}


def pasted(value: object) -> object:
    """Do what a person does who pastes what a value prints."""
    return eval(repr(value), names())  # noqa: S307 (the text is our own)


@pytest.mark.parametrize("row", OBJECTS, ids=OBJECT_NAMED)
def test_a_view_has_exactly_its_objects_aspects(row: ObjectType[Any]) -> None:
    """Nothing of an object is left out of its view, each part has the state's own type, and none is a dictionary."""
    view = VIEWS[row.name]
    common = {field.name for field in structs.fields(ObjectView)} - {"history"}
    aspects = {field.name: field.type for field in structs.fields(row.state) if field.name not in {"id", "seed"}}
    assert {field.name: field.type for field in structs.fields(view) if field.name not in common} == aspects
    assert kind_of(view) == row.name
    assert getattr(hanse_client, view.__name__) is view


def test_aspects_stand_in_the_order_of_the_state() -> None:
    """What programs read of an object has the same names in the same order as the state has."""
    for view in views():
        kind = OBJECT_NAMED[view.kind].state
        assert list(aspects_of(view)) == [name for name in kind.__struct_fields__ if name not in {"id", "seed"}]


@pytest.mark.parametrize("value", [*views(), *answers("a word"), record_view()], ids=lambda value: type(value).__name__)
def test_what_prints_can_be_pasted(value: Printed) -> None:
    """The text of a value is the expression that makes an equal one."""
    assert pasted(value) == value


def test_a_report_can_be_pasted() -> None:
    """So can a report, which the ledger makes."""
    corridor = story()
    data = write_proof(ProofMaker(corridor).proof(corridor.id["invoice"]))
    report = verify_file(data, read_trust(write_trust(GENESIS)), T0 + 60_000)
    assert report.subjects
    assert pasted(report) == report
    table = report._repr_html_()
    assert "VALID" in table
    assert all(sentence in texts(table) for sentence in report.established)


def test_ids_inside_a_view_print_as_hexadecimal() -> None:
    """The seller of an invoice can be copied as it prints, and is the same bytes."""
    (invoice,) = (view for view in views() if isinstance(view, hanse_client.InvoiceView))
    assert isinstance(invoice.links.seller, PrintedBytes)
    assert str(invoice.links.seller) == invoice.links.seller.hex()
    assert invoice.amounts.outstanding_minor == invoice.amounts.payable_minor - invoice.amounts.settled_minor
    assert dict(object_rows(invoice))["seller"] == invoice.links.seller.hex()


class Read(HTMLParser):
    """What a browser reads: tags, and the text of each cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.fresh = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"class", "dir", "style"}
        self.fresh = True

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts = [*self.texts, data] if self.fresh else [*self.texts[:-1], self.texts[-1] + data]
        self.fresh = False


def texts(table: str) -> list[str]:
    """Give the texts of a table, and insist that nothing else than a table stands there."""
    read = Read()
    read.feed(table)
    read.close()
    assert read.tags == {"table", "caption", "tr", "th", "td", "code"}
    return read.texts


@pytest.mark.parametrize("value", answers(HOSTILE), ids=lambda value: type(value).__name__)
def test_a_notebook_shows_hostile_text_as_text(value: Printed) -> None:
    """Names, refusals and findings are strangers' words: none becomes a tag, an attribute or a formula."""
    table = value._repr_html_()
    assert any(HOSTILE in text for text in texts(table))
    assert table.startswith('<table class="tex2jax_ignore mathjax_ignore">')


@pytest.mark.parametrize("value", answers(UNSEEN), ids=lambda value: type(value).__name__)
def test_a_notebook_shows_what_acts_unseen(value: Printed) -> None:
    """Marks that turn the direction of a text, or move on a terminal, are replaced by a sign that is seen."""
    table = value._repr_html_()
    assert not set("\N{RIGHT-TO-LEFT OVERRIDE}\x1b\n") & set(table)
    assert "\N{REPLACEMENT CHARACTER}txt.exe" in table


def test_a_notebook_is_not_flooded() -> None:
    """A long value is cut between words, with its length: no id is cut, and the longest key stands whole."""
    key = ID.hex() * 41
    for words in ("y" * 100_000, " ".join([ID.hex()] * 1_000)):
        table = Notice(code="x", message=words)._repr_html_()
        assert len(table) < 2 * LONGEST
        assert f" … ({len(words)} characters)" in table
        assert all(word in {ID.hex(), "…", f"({len(words)}", "characters)"} for word in texts(table)[-1].split())
    assert key in Notice(code="x", message=key)._repr_html_()


@pytest.mark.parametrize("value", [*views(), record_view()], ids=lambda value: type(value).__name__)
def test_a_table_says_what_people_read(value: Printed) -> None:
    """Moments are dates, ids hexadecimal, and no Python shows through."""
    said = texts(value._repr_html_())
    assert said[0] == type(value).__name__
    assert not any("bytes" in text or "Struct" in text or "<" in text or "=" in text for text in said[1:])
    assert any("2026-" in text or "2027-" in text for text in said)
