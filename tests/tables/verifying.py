"""What tests of the checker share: the story told once, and a verifier."""

from functools import cache

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, write_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import TrustFile, read_trust, write_trust
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, story
from tests.world.corridor_genesis import GENESIS, T0

GOOD = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)


@cache
def told() -> Corridor:
    """The whole story; nobody changes it."""
    return story()


@cache
def maker() -> ProofMaker:
    """A maker of proofs of the whole story."""
    return ProofMaker(told())


def trust() -> TrustFile:
    """Whom the verifier trusts."""
    return read_trust(write_trust(GENESIS))


def check(proof: ProofFile | bytes, at: int = T0 + 60_000) -> Report:
    """Check a proof as a verifier would."""
    return check_proof(proof if isinstance(proof, bytes) else write_proof(proof), trust(), at)


def proof_of(*names: str) -> ProofFile:
    """Prove objects of the story by their names."""
    return maker().proof(*(told().id[name] for name in names))
