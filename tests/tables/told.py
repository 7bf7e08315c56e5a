"""What each refusal of the tables tells a person beside its reason: what was seen, and what was wanted."""

from collections.abc import Sequence

from hanse_ledger import kinds
from tests.tables.refusals import Refused


def told_of(rows: Sequence[Refused]) -> dict[str, list[list[str]]]:
    """List what the rows tell, by kind and in their order: the reason, the field, what was seen and wanted."""
    told: dict[str, list[list[str]]] = {}
    for row in rows:
        error = row.corridor.refusal(row.body, *row.signers, at=row.at, state=row.state)
        assert error is not None, "the rules accept it"
        of_kind = told.setdefault(kinds.kind_of(row.body).name, [])
        of_kind.append([error.reason.value, error.pointer, error.seen, error.wanted])
    return told
