"""The vectors of `hanse.status/1`: codes on paper, and what a verifier answers."""

from hashlib import sha256
from typing import Any

from hanse_ledger.kinds.certificate.bodies import CertificateRevocation, RevokeCertificate
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.statuscode import check_status, read_status, write_status
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.values.errors import LedgerError
from tests.tables.proofs import ProofMaker
from tests.world.corridor import story
from tests.world.corridor_genesis import GENESIS


def statuses() -> dict[str, Any]:
    """Codes that carry a proof of status, the files for which they stand, and what a verifier answers."""
    corridor = story()
    revoked = RevokeCertificate(certificate=corridor.id["certificate"], reason=CertificateRevocation.ERROR)
    corridor.submit(revoked, "chamber")
    maker, trust, at = ProofMaker(corridor), read_trust(write_trust(GENESIS)), corridor.head.time
    names = ("certificate", "invoice", "payment", "import", "export", "seller")
    codes = {name: write_status(maker.status(corridor.id[name])) for name in names}
    changed = codes["invoice"]
    samples = {
        **{f"the status of the story's {name}": code for name, code in codes.items()},
        "behind an address": f"https://market.example/verify#{changed}",
        "a digit changed": f"{changed[:900]}{(int(changed[900]) + 1) % 10}{changed[901:]}",
        "the last digits cut off": changed[:-17],
        "digits that are no whole bytes": f"{changed}0",
        "of another version": f"02{changed[2:]}",
        "no code": "https://market.example/P/AAAAAAAAAAAAAAAAAAAAAAAAAA",
    }
    found = {name: check_status(text, trust, at) for name, text in samples.items()}
    return {
        "about": "Codes (hanse.status/1) of the ledger of trust.json: what a verifier whose present is `at` "
        "answers, and SHA-256 of the proof file for which a code stands.",
        "at": at,
        "codes": [
            {
                "name": name,
                "verdict": found[name].verdict.value,
                "step": found[name].steps[-1].number,
                "code": text,
                "proof": _file_of(text),
            }
            for name, text in samples.items()
        ],
    }


def _file_of(text: str) -> str | None:
    """Hash the proof file for which a code stands, if it stands for one."""
    try:
        return sha256(write_proof(read_status(text))).hexdigest()
    except LedgerError:
        return None
