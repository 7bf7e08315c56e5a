"""Making anew what is published: of the same objects, with the same terms, at the newest head."""

from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, read_proof, write_proof
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict
from hanse_node.access.caller import ITSELF
from hanse_node.base.bounds import PUBLICATION_BYTES
from hanse_node.base.errors import NodeError
from hanse_node.queries.gathering import TooLarge
from hanse_node.queries.proofs import Proofs
from hanse_node.queries.prove import From, View

RELIABLE = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)
SOUND = (*RELIABLE, Verdict.EXPIRED_OR_SUPERSEDED, Verdict.REVOKED)
"""The verdicts of files in which everything is proven, whatever they say of the objects."""


class Unsound(NodeError):
    """What was made anew does not hold: a fault of this node's."""


class Renewed(Struct, frozen=True):
    """A proof that was made anew, and what a verifier says of it."""

    file: bytes
    verdict: Verdict
    detail: str


def make_anew(proofs: Proofs, trust: TrustFile, file: bytes, now: Moment) -> Renewed:
    """Make the proof that a published one would be by now.

    Args:
        proofs: makes proofs.
        trust: this ledger's.
        file: what is published, or shall be: a proof file that was checked.
        now: the present in milliseconds since 1970.

    Raises:
        NotFound: this node does not know an object.
        TooLarge: it has more bytes than may be published, from its objects' last way marks too.
        Unsound: it does not hold.
        Busy, StoreFailed: it cannot be made now.
    """
    old = read_proof(file)
    data = _make(proofs, old, From.MARK if all(each.mark for each in old.objects) else From.BEGINNING)
    if len(data) > PUBLICATION_BYTES and _whole(old):
        data = _make(proofs, old, From.MARK)
    if len(data) > PUBLICATION_BYTES:
        raise TooLarge(f"the proof has {len(data)} bytes; at most {PUBLICATION_BYTES} are published")
    report = check_proof(data, trust, now)
    if report.verdict not in SOUND:
        raise Unsound(f"a proof that was made anew does not hold: {report.detail}")
    return Renewed(data, report.verdict, report.detail)


def _make(proofs: Proofs, old: ProofFile, begin: From) -> bytes:
    view = View.FULL if _whole(old) else View.STATUS
    data = proofs.of_objects(ITSELF, [each.id for each in old.objects], view, begin)
    # Terms say the same at every head: the records that commit to them stand.
    return write_proof(replace(read_proof(data), terms=old.terms)) if old.terms else data


def _whole(proof: ProofFile) -> bool:
    """Tell whether a proof has its objects' histories, and so their records."""
    return any(each.history or each.mark for each in proof.objects)
