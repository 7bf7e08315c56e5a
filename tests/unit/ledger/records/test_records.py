"""The kinds of records: each has a class, a rule, and the ids that it names."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct, structs
from msgspec.structs import replace

from hanse_ledger.kinds import KIND_NAMED, KINDS, kind_of, references
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.document.rows import DOCUMENT
from hanse_ledger.records.record import decode_record, encode_record
from hanse_ledger.wire.part import Body
from tests.pages.fields import annotations
from tests.world.corridor import sign, story
from tests.world.corridor_genesis import seed_of

STORY = story()
MAKE, ID = STORY.make, STORY.id

SAMPLES: list[Body] = [kind.sample() for kind in KINDS]
IDS = [kind.name for kind in KINDS]


def test_every_body_has_a_kind() -> None:
    """Every class of bodies has one row, whose name is one row's alone, and a sample of it."""
    assert set(Body.__subclasses__()) == {kind.body for kind in KINDS}
    assert [type(body) for body in SAMPLES] == [kind.body for kind in KINDS]
    assert len(KIND_NAMED) == len(KINDS)
    assert all(kind_of(body) is kind for kind, body in zip(KINDS, SAMPLES, strict=True))


@pytest.mark.parametrize("body", SAMPLES, ids=IDS)
def test_references_are_the_ids_that_a_body_names(body: Body) -> None:
    """Sorted, each once: what the source calls an `ObjectId`. Who signs, and what is created, is not among them."""
    assert references(body) == tuple(sorted(set(typed(body, "ObjectId"))))


@pytest.mark.parametrize("body", SAMPLES, ids=IDS)
def test_record_of_each_kind_comes_back(body: Body) -> None:
    """The body's class follows from the kind that travels with it."""
    record = sign(body, "market").record
    decoded = decode_record(encode_record(record))
    assert decoded == record
    assert type(decoded.body) is type(body) is KIND_NAMED[record.kind].body
    assert record.refs == references(body)


def test_references_leave_out_what_is_nil_and_name_each_id_once() -> None:
    """A certificate without a consignee names one party; a line without a certificate, or a second use of it, none."""
    assert references(replace(MAKE.certificate(), consignee=None)) == (ID["seller"],)
    body = MAKE.declaration(Regime.EXPORT)
    bare = replace(body.lines[0], certificate=None)
    assert references(replace(body, lines=(bare,))) == tuple(sorted((ID["seller"], ID["invoice"])))
    twice = replace(body, lines=body.lines * 2, principal=ID["seller"])
    assert references(twice) == references(body)


def test_every_id_in_a_body_is_among_the_references() -> None:
    """Whatever 32 bytes a body names as an object, `refs` list: hashes of documents, tags and keys are not objects."""
    others = {"document", "encryption_key", "identity", "tags", "key", "new_key", "proposal", "change", "evidence"}
    others |= {"profile", "terms", "powers", "four_eyes", "query", "release", "payload"}
    for body in SAMPLES:
        found: set[bytes] = set()
        for part in [step.body for step in body.steps] if isinstance(body, TakeSteps) else [body]:
            for field in structs.fields(part):
                # Of what is recorded of a document that is its id, of all others a commitment to a file, or its hash.
                if field.name not in others or (field.name == "document" and kind_of(part).object is DOCUMENT):
                    collect(getattr(part, field.name), found)
        assert found == set(references(body)), type(body).__name__


def typed(value: object, name: str) -> Iterator[Any]:
    """Walk over all in a value whose type the source calls by a name."""
    if isinstance(value, tuple):
        for item in value:
            yield from typed(item, name)
    elif isinstance(value, Struct):
        for field, (annotation, _) in annotations(type(value)).items():
            inner = getattr(value, field)
            if name not in {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}:
                yield from typed(inner, name)
            elif inner is not None:
                yield from inner if isinstance(inner, tuple) else (inner,)


def collect(value: object, found: set[bytes]) -> None:
    """Collect every 32 bytes in a value."""
    if isinstance(value, bytes) and len(value) == len(seed_of("")):
        found.add(value)
    elif isinstance(value, tuple):
        for item in value:
            collect(item, found)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            collect(getattr(value, name), found)
