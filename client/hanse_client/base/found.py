"""What is found of a file: the records whose very document it is, and whether they say what it says."""

from enum import StrEnum

from msgspec.structs import force_setattr

from hanse_client.base.printing import Printed, printed
from hanse_ledger.values.types import Digest, Moment, ObjectId, PublicKey, RecordId


class FileMatch(StrEnum):
    """What came of looking for a file.

    `same`: it is the very document of a record. `other file`: a record that was sent from this home folder names the
    same document, and commits to another file. `not found`: neither is so. `not asked`: the node could not be asked, so
    that nothing is known.
    """

    SAME = "same"
    OTHER_FILE = "other file"
    NOT_FOUND = "not found"
    NOT_ASKED = "not asked"


class TermDifference(Printed, frozen=True, kw_only=True):
    """A term of which file and record say something else; empty is what one of them does not say.

    `pointer` is the field of the record's body, empty for what the record commits to beside it; without a `term` it is
    the kind of document that differs.
    """

    term: str
    pointer: str
    seen: str
    recorded: str


class FoundRecord(Printed, frozen=True, kw_only=True):
    """A record that was found by a file, proven, and what it is about, as that stands now.

    `by` says how: `opening` (one in the home folder), `discoverable` (the record shows the file's hash), or `number`.
    """

    by: str
    compared: bool
    differences: tuple[TermDifference, ...]
    kind: str
    number: str
    object_id: ObjectId
    object_kind: str
    position: int
    record_id: RecordId
    state: str
    time_ms: Moment

    def __post_init__(self) -> None:
        for name in ("object_id", "record_id"):
            force_setattr(self, name, printed(getattr(self, name)))

    @property
    def agrees(self) -> bool | None:
        """Whether record and file say the same; nil where they were not compared: nothing here reads the file."""
        return not self.differences if self.compared else None


class FileSearch(Printed, frozen=True, kw_only=True):
    """What came of looking for a file.

    `digest` is its SHA-256. `notes` say what else was met; `unasked` why the node could not be asked, or no further.
    """

    match: FileMatch
    digest: Digest
    records: tuple[FoundRecord, ...] = ()
    notes: tuple[str, ...] = ()
    unasked: str = ""

    def __post_init__(self) -> None:
        force_setattr(self, "digest", printed(self.digest))


class AttestationView(Printed, frozen=True, kw_only=True):
    """A record by which a member says that somebody has looked at who a party is, proven.

    `terms` are what it says, by name, where its opening is in the home folder; nil where it is not, and then what was
    looked at is not known here. `signers` are the keys whose signatures were verified, `time_ms` its block time.
    """

    party: ObjectId
    record_id: RecordId
    signers: tuple[PublicKey, ...]
    terms: dict[str, str] | None
    time_ms: Moment

    def __post_init__(self) -> None:
        for name in ("party", "record_id", "signers"):
            force_setattr(self, name, printed(getattr(self, name)))
