"""The row of bundles."""

from collections.abc import Iterator

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.bundle import samples
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.rules import apply_bundle
from hanse_ledger.kinds.bundle.steps import row_of
from hanse_ledger.kinds.kind import Kind, no_key, no_object
from hanse_ledger.values.types import Digest, MemberId, ObjectId


def _references(body: TakeSteps) -> Iterator[ObjectId]:
    for step in body.steps:
        yield from step.refs


def _addresses(body: TakeSteps) -> Iterator[MemberId]:
    for step in body.steps:
        yield from row_of(step.body).addresses(step.body)


def _claims(body: TakeSteps) -> Iterator[Digest]:
    for step in body.steps:
        yield from row_of(step.body).claims(step.body)


BUNDLE = Kind(
    name="bundle",
    number="G-6",
    body=TakeSteps,
    rule=apply_bundle,
    object=None,
    creates=False,
    about=no_object,
    references=_references,
    addresses=_addresses,
    introduces=no_key,
    presents=no_key,
    claims=_claims,
    commits=None,
    frees=True,
    powers=(),
    amount=no_amount,
    sample=samples.bundle,
)

KINDS = (BUNDLE,)
