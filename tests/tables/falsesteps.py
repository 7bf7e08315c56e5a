"""What a liar may make of what others have signed: another body, or other steps of a bundle."""

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
from hanse_ledger.wire.part import Body


def with_body(text: str, change: Callable[[Body], Body | None], *, in_hex: bool) -> str:
    """Change the body of a record in an entry, under the signatures that it has; leave others alone.

    Args:
        text: the entry's bytes.
        change: gives another body, or nil for none.
        in_hex: whether it is written so, as in a record's answer; else in base64, as in proofs.
    """
    entry = decode_entry(bytes.fromhex(text) if in_hex else b64decode(text))
    if not isinstance(entry, RecordEntry):
        return text
    record = open_decoded(entry.payload).record
    body = change(record.body)
    if body is None:
        return text
    payload = encode_record(replace(record, body=body))
    data = encode(replace(entry, payload=replace(entry.payload, payload=payload)))
    return data.hex() if in_hex else b64encode(data).decode()


def with_steps(text: str, change: Callable[[list[BundleStep]], object], *, in_hex: bool) -> str:
    """Change the steps of a bundle in an entry, as `with_body` does; `change` changes the list of steps."""

    def of_bundle(body: Body) -> Body | None:
        if not isinstance(body, TakeSteps):
            return None
        steps = [*body.steps]
        change(steps)
        return TakeSteps(steps=tuple(steps))

    return with_body(text, of_bundle, in_hex=in_hex)


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
