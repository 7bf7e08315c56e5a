"""How a certificate's balances move: reserved, written off, given back; each move with its office, time, and before.

A declaration draws on lines one by one, and all that one record does to a line is one move of its balance. The rules
that draw have seen to it that enough is left; nothing is refused here.
"""

from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.state import Certificate, Move
from hanse_ledger.values.types import MemberId, Moment, RecordId


class MovedBy(Struct, frozen=True):
    """What moves balances: a record, when, and the office to which the goods are declared."""

    at: Moment
    office: MemberId
    record: RecordId


def reserve(certificate: Certificate, line: int, quantity_micro: int, moved_by: MovedBy) -> Certificate:
    """Set a quantity of a line aside, counted from 1, for whoever has declared it."""
    return _moved(certificate, line, moved_by, reserved_micro=quantity_micro, written_off_micro=0)


def give_back(certificate: Certificate, line: int, quantity_micro: int, moved_by: MovedBy) -> Certificate:
    """Let go of what was reserved: it is left again."""
    return _moved(certificate, line, moved_by, reserved_micro=-quantity_micro, written_off_micro=0)


def write_off(certificate: Certificate, line: int, quantity_micro: int, moved_by: MovedBy) -> Certificate:
    """Use up what was reserved."""
    return _moved(certificate, line, moved_by, reserved_micro=-quantity_micro, written_off_micro=quantity_micro)


def lower_write_off(certificate: Certificate, line: int, quantity_micro: int, moved_by: MovedBy) -> Certificate:
    """Correct what was written off: so much of it is left again."""
    return _moved(certificate, line, moved_by, reserved_micro=0, written_off_micro=-quantity_micro)


def _moved(
    certificate: Certificate, line: int, moved_by: MovedBy, *, reserved_micro: int, written_off_micro: int
) -> Certificate:
    balance = certificate.balances[line - 1]
    last = balance.moved
    if last is None or last.record != moved_by.record:
        last = Move(
            at=moved_by.at,
            office=moved_by.office,
            record=moved_by.record,
            reserved_before_micro=balance.reserved_micro,
            written_off_before_micro=balance.written_off_micro,
        )
    moved = replace(
        balance,
        moved=last,
        reserved_micro=balance.reserved_micro + reserved_micro,
        written_off_micro=balance.written_off_micro + written_off_micro,
    )
    return replace(certificate, balances=(*certificate.balances[: line - 1], moved, *certificate.balances[line:]))
