"""Why an object came to nothing, and who said so: from the record that ended it, proven in its place."""

from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from hanse_client.base.objects import ObjectView
from hanse_client.base.views import RecordView
from hanse_ledger.kinds import kind_of, steps_of
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import PublicKey
from hanse_ledger.wire.part import Body

if TYPE_CHECKING:
    from hanse_client.client import Client

ENDED = frozenset({"cancelled", "lapsed", "refused", "rejected", "replaced", "returned", "revoked", "withdrawn"})
"""States that a record with a reason, or at least with a signer, has brought about."""

_ENDING = frozenset({"cancel", "lapse", "refuse", "reject", "replace", "return", "revoke", "withdraw"})
LOOKED_AT = 64
"""So many of an object's newest records are looked at; what comes after an ending is rarely more than one."""


class Ending(Struct, frozen=True, kw_only=True):
    """What ended an object: the kind of record, its reasons, who signed it, when it was written, and its id."""

    kind: str
    reasons: tuple[str, ...]
    by: tuple[str, ...]
    at: str
    record: str

    @property
    def words(self) -> str:
        """Say it in one line."""
        reasons = ", ".join(self.reasons) or "no reason given"
        return f"{reasons}; {self.kind} by {', '.join(self.by)}, written {self.at}"


def ending_of(client: "Client", view: ObjectView) -> Ending | None:
    """Find what ended an object, among its newest records; nothing for one that goes on. Raises as `Client.records`."""
    if view.state not in ENDED:
        return None
    for record in islice(client.records(view.id), LOOKED_AT):
        for step in reversed(steps_of(record.record.body, record.id)):
            kind = kind_of(step.body)
            # Of a bundle the step that ended this very object; a record of one step touches no other that has ended.
            own = kind.about(step.body) == view.id or record.kind == kind.name
            if own and kind.name.partition(".")[2] in _ENDING:
                return _ending(client, record, step.body)
    return None


def _ending(client: "Client", record: RecordView, body: Body) -> Ending:
    reasons = getattr(body, "reasons", None) or (getattr(body, "reason", None),)
    return Ending(
        kind=kind_of(body).name,
        reasons=tuple(str(reason) for reason in reasons if reason is not None),
        by=tuple(_name(client, key) for key in record.signers),
        at=moment_words(record.time_ms),
        record=record.id.hex(),
    )


def _name(client: "Client", key: PublicKey) -> str:
    """Name a member by its id; a party is a pseudonym, and has its key alone."""
    held = client.trust().membership.holder(key)
    return held[0].id if held is not None else f"the party with the key {key.hex()}"
