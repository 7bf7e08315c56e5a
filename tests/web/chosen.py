"""The files that somebody might choose on the verifier page, of the story that all tests tell, and what Python says."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from hanse_ledger.proofs.formcheck import check_form, check_size
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, TermPart, write_proof
from hanse_ledger.proofs.samedocument import OPENING_FORMAT
from hanse_ledger.proofs.statuscode import write_status
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import disclose
from hanse_ledger.wire.genesis import Genesis
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import maker, proof_of, told
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_bodies import (
    CERTIFICATE_FILE,
    CERTIFICATE_SEED,
    CERTIFICATE_TERMS,
    INVOICE_FILE,
    INVOICE_SEED,
    INVOICE_TERMS,
)
from tests.world.corridor_genesis import GENESIS, T0, YEAR

NOW = T0 + 60_000
"""When all is checked, unless a state says otherwise."""

STATES: Mapping[str, str] = {
    "valid": "valid",
    "warnings": "valid with warnings",
    "status": "valid with warnings",
    "revoked": "revoked",
    "expired": "expired or superseded",
    "tampered": "tampered",
    "other-ledger": "unknown issuer",
    "no-trust": "cannot check",
    "not-a-proof": "unsupported format",
    "truncated": "unsupported format",
    "huge": "unsupported format",
}
"""What may be shown, and the verdict of each."""


@cache
def revoked() -> Corridor:
    """The story, with the certificate's revocation at its end."""
    corridor = story()
    corridor.submit(corridor.make.certificate_revocation(), "chamber")
    return corridor


@cache
def certified() -> Corridor:
    """A ledger in which nothing has happened but that the chamber has issued a certificate."""
    corridor = traders()
    corridor.issue_certificate()
    return corridor


def with_terms(kind: CommittedKind, name: str, terms: Mapping[str, str], seed: bytes) -> tuple[TermPart, ...]:
    """Show every term of one of the story's documents, and one that it does not state."""
    record = told().signed[name].id
    return tuple(TermPart(record=record, shown=disclose(kind, terms, seed, term)) for term in sorted(terms))


@cache
def whole_proof() -> bytes:
    """The certificate and the invoice with their histories and their terms."""
    shown = {
        told().signed["certificate"].id: with_terms(
            CommittedKind.CERTIFICATE, "certificate", CERTIFICATE_TERMS, CERTIFICATE_SEED
        ),
        told().signed["invoice"].id: with_terms(CommittedKind.INVOICE, "invoice", INVOICE_TERMS, INVOICE_SEED),
    }
    terms = [part for record in sorted(shown) for part in shown[record]]
    return write_proof(maker().proof(told().id["certificate"], told().id["invoice"], terms=terms))


@cache
def proofs() -> Mapping[str, bytes]:
    """Each state's file, but for the huge one."""
    valid = whole_proof()
    at = valid.index(b'"entry":"') + 60
    other = b"A" if valid[at : at + 1] != b"A" else b"B"
    return {
        "valid": valid,
        "warnings": valid,
        "status": write_proof(status()),
        "revoked": write_proof(ProofMaker(revoked()).proof(revoked().id["certificate"])),
        "expired": write_proof(proof_of("certificate")),
        "tampered": valid[:at] + other + valid[at + 1 :],
        "other-ledger": valid,
        "no-trust": valid,
        "not-a-proof": b"%PDF-1.7\nThis is an invoice, and no proof of one.\n",
        "truncated": valid[: len(valid) // 2],
    }


def status() -> ProofFile:
    """A proof of how the certificate stands, without its records."""
    return maker().status(told().id["certificate"])


def code() -> str:
    """The digits of a code of the same."""
    return write_status(status())


def party_code() -> str:
    """The digits of a code of how the seller stands: they fit behind an address too, where letters cost more."""
    return write_status(maker().status(told().id["seller"]))


def trust_of(state: str) -> bytes | None:
    """Whom a state's verifier trusts: for the other ledger a genesis of another name."""
    if state == "no-trust":
        return None
    return TrustFile(other_genesis() if state == "other-ledger" else GENESIS).to_bytes()


def other_genesis() -> Genesis:
    """A ledger of another name, with the same members."""
    return msgspec.structs.replace(GENESIS, name="another ledger")


def moment_of(state: str) -> int:
    """When a state's file is checked."""
    return {"expired": T0 + 2 * YEAR, "warnings": T0 + 30 * 86_400_000}.get(state, NOW)


def expected(data: bytes, trust: bytes | None, at: int) -> str:
    """Give Python's verdict on a file."""
    if len(data) > limits.PROOF_FILE_BYTES:
        return check_size(len(data)).verdict.value
    report = check_form(data) if trust is None else check_proof(data, read_trust(trust), at)
    return report.verdict.value


def opening() -> bytes:
    """What the seller keeps of the invoice, as far as it is read."""
    secret = {"discoverable": False, "file_digest": hash_bytes(INVOICE_FILE), "kind": "invoice", "name": "invoice.xml"}
    return msgspec.json.encode(
        {
            "@type": OPENING_FORMAT,
            "object": told().id["invoice"],
            "opening": {**secret, "seed": INVOICE_SEED, "terms": INVOICE_TERMS},
            "record": told().signed["invoice"].id,
        }
    )


def write_all(folder: Path) -> Mapping[str, Path]:
    """Write every file of the states into a folder, and documents and openings beside them; the huge one is sparse."""
    files = {f"{name}.hanse": data for name, data in proofs().items()}
    files["certificate-alone.hanse"] = write_proof(ProofMaker(certified()).proof(certified().id["certificate"]))
    files |= {"trust.json": TrustFile(GENESIS).to_bytes(), "other-trust.json": TrustFile(other_genesis()).to_bytes()}
    files |= {"bad-trust.json": TrustFile(GENESIS).to_bytes()[:-20], "certificate.pdf": CERTIFICATE_FILE}
    files |= {"invoice.xml": INVOICE_FILE, "other.txt": b"another file", "opening.json": opening()}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with (folder / "huge.hanse").open("wb") as huge:
        huge.write(b'{"@type":"hanse.proof/2"')
        huge.truncate(limits.PROOF_FILE_BYTES + 1)
    return {path.stem if path.suffix == ".hanse" else path.name: path for path in folder.iterdir()}
