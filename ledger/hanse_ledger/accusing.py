"""Evidence against members, of whatever form: who is accused, and whether the file proves it."""

from msgspec import Struct

from hanse_ledger import contradiction, doublevote, misstatement
from hanse_ledger.errors import Malformed
from hanse_ledger.hashing import hash_bytes
from hanse_ledger.notes import parse_note
from hanse_ledger.report import Report
from hanse_ledger.trustfile import TrustFile
from hanse_ledger.types import Digest, MemberId


class Accusation(Struct, frozen=True):
    """Whom evidence speaks against. What has the same `name` says the same, however often it was found."""

    name: Digest
    members: tuple[MemberId, ...]


def is_evidence(data: bytes) -> bool:
    """Tell whether a file begins as evidence does."""
    return data.startswith((contradiction.MARK, doublevote.MARK, misstatement.MARK))


def accusation(data: bytes, trust: TrustFile) -> Accusation:
    """Judge evidence.

    Raises:
        Malformed: it is none, or not canonical.
        Untrusted, ProofInvalid, Unknown: it proves nothing under this trust file.
    """
    if data.startswith(doublevote.MARK):
        found = doublevote.read_double_vote(data)
        member = doublevote.accused_of_double_vote(found, trust)
        step = f"{member} {found.height} {found.round} {found.step}"
        return Accusation(hash_bytes(step.encode()), (member,))
    if data.startswith(contradiction.MARK):
        heads = contradiction.read_contradiction(data)
        against = contradiction.accused(heads, trust)
        # One for each head that contradicts: the same one, signed again, says nothing new.
        return Accusation(hash_bytes(parse_note(heads.first.encode()).text.encode()), against.members)
    if data.startswith(misstatement.MARK):
        said = misstatement.read_misstatement(data)
        who = misstatement.misstated(said, trust)
        return Accusation(hash_bytes(parse_note(said.head.encode()).text.encode()), who.members)
    raise Malformed("no evidence of a known form")


def check_evidence(data: bytes, trust: TrustFile) -> Report:
    """Check evidence; `valid` means that it proves what it says. Whatever is wrong is a verdict, never an exception."""
    if data.startswith(doublevote.MARK):
        return doublevote.check_double_vote(data, trust)
    if data.startswith(misstatement.MARK):
        return misstatement.check_misstatement(data, trust)
    return contradiction.check_contradiction(data, trust)
