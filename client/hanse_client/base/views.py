"""What the SDK answers: everything in these values has been verified, unless its text says otherwise."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import force_setattr

from hanse_client.base.printing import Printed, html_table, printed
from hanse_client.base.wording import field_rows
from hanse_documents.model.errors import Fault
from hanse_ledger.kinds import steps_of
from hanse_ledger.records.record import Record
from hanse_ledger.values.types import Digest, MemberId, Moment, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.part import Body


def _print(value: Struct, *names: str) -> None:
    """Let ids print as hexadecimal text."""
    for name in names:
        force_setattr(value, name, printed(getattr(value, name)))


class Outcome(StrEnum):
    """What became of a record that stands in the ledger."""

    CREATED = "created"
    EXISTS = "exists"


class Notice(Printed, frozen=True, kw_only=True):
    """What went wrong beside something that stands or was proven: it takes nothing back, and somebody should act.

    Codes: `clock-differs`, `head-not-kept`, `members-not-kept`, `party-not-noted`, `other-node`, `quorum-unknown`,
    `members-unknown`, `state-unknown`, `near-duplicate`, `registered-already`, `sent-again`, `unsettled-not-forgotten`,
    `untagged`.
    """

    code: str
    message: str
    action: str = ""

    def text(self) -> str:
        """Say it in one line."""
        return f"{self.message} {self.action}".strip()


class AlikeInvoice(Printed, frozen=True, kw_only=True):
    """An invoice that stands, and looks like another one.

    `why` says in what: `same-number`, `same-number-another-year`, `same-parties-and-amount` (within a week).
    """

    why: tuple[str, ...]
    object_id: ObjectId
    record_id: RecordId
    number: str
    issued: str
    amount: str
    state: str

    def text(self) -> str:
        """Say it in one line."""
        alike = ", ".join(_ALIKE[code] for code in self.why)
        return f"{self.number} of {self.issued}, {self.amount}, {self.state} ({alike}): invoice {self.object_id.hex()}"


_ALIKE = {
    "same-number": "the same number",
    "same-number-another-year": "the same number in another year",
    "same-parties-and-amount": "the same parties and amount within a week",
}


class Receipt(Printed, frozen=True, kw_only=True):
    """A record stands in the ledger: its entry was rebuilt and proven under a head that a quorum signed.

    `object_id` is the object that the record creates, else the one that it acts on. `size` is the log's size
    under that head; `time_ms` is block time. `vouchers` are the members who have signed it; `missing` are those who had
    not by the time that the caller was ready to wait, where it asked for more than a quorum. `warnings` say what went
    wrong once the record stood; it stands all the same. `findings` are what the reader found in the document that was
    registered, such as a wrong check digit: it did not keep it from being read.
    """

    record_id: RecordId
    object_id: ObjectId
    kind: str
    outcome: Outcome
    position: int
    height: int
    time_ms: Moment
    size: int
    vouchers: tuple[MemberId, ...] = ()
    missing: tuple[MemberId, ...] = ()
    warnings: tuple[Notice, ...] = ()
    findings: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        _print(self, "record_id", "object_id")

    @property
    def id(self) -> ObjectId:
        """The object, for `client.proof(receipt.id)`."""
        return self.object_id


class Unsettled(Printed, frozen=True, kw_only=True):
    """A record that was sent and whose receipt did not come: it may stand, and until `expires_ms` may yet be written.

    `repeatable` says that the same call sends the same record, which cannot stand twice. `position` is where it stands,
    if that was proven already.
    """

    record_id: RecordId
    object_id: ObjectId
    kind: str
    expires_ms: Moment
    repeatable: bool
    position: int | None = None

    def __post_init__(self) -> None:
        _print(self, "record_id", "object_id")


class Publication(Printed, frozen=True, kw_only=True):
    """A proof that was published from this home folder, as it is known here; nobody was asked.

    `address` is what its code says, in capitals; `node` the one that shows it. `terms` are the names that it discloses.
    `answered` is false where the node's answer did not come: it may be published or not, and the same call finds out.
    """

    name: str
    address: str
    node: str
    object_ids: tuple[ObjectId, ...]
    terms: tuple[str, ...]
    published_ms: Moment
    answered: bool = True

    def __post_init__(self) -> None:
        _print(self, "object_ids")


class KeyStanding(Printed, frozen=True, kw_only=True):
    """Whether a key is the one that the ledger has now, as a proof shows.

    `holder` says whose it is, as far as the home folder or the members tell: `party`, `office` or `member` and its
    name; nothing where nobody here knows. `stands` is nil then: it could not be checked.
    """

    key: PublicKey
    holder: str
    stands: bool | None

    def __post_init__(self) -> None:
        _print(self, "key")


class Refusal(Printed, frozen=True, kw_only=True):
    """Why a node refused: its own words (RFC 9457). Nothing proves a refusal; sending again is harmless.

    `said_by` is the node whose words these are, where they are about a record or an object; `others` are the nodes that
    were asked besides, and do not have it either. Until a record's `expires`, a node that said so can still put it in.
    `signed` is a file that can be shown, where the rules refused a record and the node has signed that they did:
    `verify` reads it.
    """

    code: str
    detail: str = ""
    rule: str = ""
    pointer: str = ""
    seen: str = ""
    wanted: str = ""
    user_message: str = ""
    suggested_action: str = ""
    request_id: str = ""
    status: int = 0
    record_id: RecordId | None = None
    said_by: str = ""
    others: tuple[str, ...] = ()
    signed: bytes = b""

    def __post_init__(self) -> None:
        _print(self, "record_id")

    @property
    def source(self) -> str:
        """Say whose word it is; nothing where that does not matter."""
        if not self.said_by:
            return ""
        if not self.others:
            return f"as {self.said_by} says; nobody else was asked"
        return f"as {self.said_by} says; it is not on {', '.join(self.others)} either"

    def text(self) -> str:
        """Say in one line what is wrong, and where."""
        rule = f"[{self.rule}] " if self.rule else ""
        words = self.user_message or self.detail or self.code
        where = f" at {self.pointer}" if self.pointer else ""
        seen = f"; seen: {self.seen}" if self.seen else ""
        wanted = f"; wanted: {self.wanted}" if self.wanted else ""
        return f"{rule}{words} ({self.code}{where}{seen}{wanted})"


class Head(Printed, frozen=True, kw_only=True):
    """A signed head of the log. `note` is the C2SP checkpoint as it came, `vouchers` whose signatures count.

    `strangers` are the names on its other lines: witnesses, or members whom the trust file does not know yet.
    """

    origin: str
    size: int
    root: Digest
    vouchers: tuple[str, ...]
    signed_at_seconds: int
    note: bytes
    strangers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _print(self, "root")


class RecordView(Printed, frozen=True, kw_only=True):
    """A record in its place, proven under a signed head. `signers` are the keys whose signatures were verified."""

    id: RecordId
    kind: str
    position: int
    height: int
    time_ms: Moment
    record: Record
    signers: tuple[PublicKey, ...]
    objects: tuple[ObjectId, ...]
    size: int
    sequence: int | None = None

    def __post_init__(self) -> None:
        _print(self, "id", "signers", "objects")

    @property
    def bodies(self) -> tuple[Body, ...]:
        """What it records, step by step: one body, and of a bundle those of all its steps."""
        return tuple(step.body for step in steps_of(self.record.body, self.id))

    def _repr_html_(self) -> str:
        said = [*field_rows(self, without=("record",)), *field_rows(self.record.body)]
        return html_table(type(self).__name__, said)
