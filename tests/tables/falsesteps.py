"""What a liar may make of the steps of a bundle that others have signed."""

from base64 import b64decode, b64encode
from collections.abc import Callable

from msgspec.structs import replace

from hanse_ledger.kinds.bundle.bodies import BundleStep, TakeSteps
from hanse_ledger.kinds.bundle.steps import step_of
from hanse_ledger.kinds.invoice.bodies import CreditInvoice
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.records.record import encode_record
from hanse_ledger.wire.codec import encode


def with_steps(text: str, change: Callable[[list[BundleStep]], object], *, in_hex: bool) -> str:
    """Change the steps of a bundle in an entry, under the signatures that it has; leave others alone.

    Args:
        text: the entry's bytes.
        change: changes the list of steps.
        in_hex: whether it is written so, as in a record's answer; else in base64, as in proofs.
    """
    entry = decode_entry(bytes.fromhex(text) if in_hex else b64decode(text))
    if not isinstance(entry, RecordEntry):
        return text
    record = open_decoded(entry.payload).record
    if not isinstance(record.body, TakeSteps):
        return text
    steps = [*record.body.steps]
    change(steps)
    payload = encode_record(replace(record, body=TakeSteps(steps=tuple(steps))))
    data = encode(replace(entry, payload=replace(entry.payload, payload=payload)))
    return data.hex() if in_hex else b64encode(data).decode()


def step_left_out(steps: list[BundleStep], place: int) -> None:
    """Leave a step out."""
    del steps[place - 1]


def steps_exchanged(steps: list[BundleStep], place: int) -> None:
    """Let a step and the next one change places."""
    steps[place - 1], steps[place] = steps[place], steps[place - 1]


def step_repeated(steps: list[BundleStep], place: int) -> None:
    """Tell a step twice."""
    steps.insert(place, steps[place - 1])


def more_credited(steps: list[BundleStep], place: int) -> None:
    """Let a step say that a cent more is credited."""
    body = steps[place - 1].body
    assert isinstance(body, CreditInvoice)
    steps[place - 1] = step_of(replace(body, amount_minor=body.amount_minor + 1))
