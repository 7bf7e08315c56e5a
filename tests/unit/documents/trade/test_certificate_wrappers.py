"""Certificates in OpenAttestation and W3C credentials: unwrapped, and refused where a value was changed."""

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hanse_documents import examine_document
from hanse_documents.model.documents import CertificateDocument
from hanse_documents.model.errors import DocumentError, Examiner, UnsupportedFormat
from hanse_documents.samples import sample
from hanse_documents.syntax.certificates.keccak import keccak_256
from hanse_documents.syntax.certificates.openattestation import open_version_2, verify_version_3
from hanse_documents.syntax.certificates.wrappings import unwrapped
from hanse_documents.syntax.coo import read_coo
from hanse_documents.syntax.openjson import open_json

Json = dict[str, Any]
CERTIFICATE: Json = json.loads(sample("certificate.json"))
PUBLISHED = ("tradetrust-invoice.json", "tradetrust-ebl.json", "tradetrust-dns-did-signed.json")


def hashed(value: object) -> str:
    """Hash JSON as JavaScript writes it."""
    return keccak_256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hex()


def salted(value: Any, flat: dict[str, str], name: str = "") -> Any:
    """Put a salt and a type before each value, and list the values by their paths."""
    if isinstance(value, dict):
        return {key: salted(part, flat, f"{name}.{key}" if name else key) for key, part in value.items()}
    if isinstance(value, list):
        return [salted(part, flat, f"{name}.{place}") for place, part in enumerate(value)]
    kind = {str: "string", bool: "boolean", int: "number"}[type(value)]
    flat[name] = f"{'0' * 36}:{kind}:{json.dumps(value) if kind != 'string' else value}"
    return flat[name]


def version_2(data: Json) -> Json:
    """Wrap data as OpenAttestation 2.0 does."""
    flat: dict[str, str] = {}
    wrapped = salted(data, flat)
    target = hashed(sorted(hashed({name: value}) for name, value in flat.items()))
    beside = "ab" * 32
    root = keccak_256(b"".join(sorted(bytes.fromhex(each) for each in (target, beside)))).hex()
    return {
        "version": "https://schema.openattestation.com/2.0/schema.json",
        "data": wrapped,
        "signature": {"type": "SHA3MerkleProof", "targetHash": target, "proof": [beside], "merkleRoot": root},
    }


def version_3(document: Json) -> Json:
    """Wrap a credential as OpenAttestation 3.0 does."""
    salts: list[Json] = []

    def walk(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, part in value.items():
                walk(part, f"{name}.{key}" if name else key)
        elif isinstance(value, list):
            for place, part in enumerate(value):
                walk(part, f"{name}[{place}]")
        else:
            shown = json.dumps(value) if not isinstance(value, str) else value
            salts.append({"value": "5a" * 32, "path": name, "shown": shown})

    walk(document, "")
    target = hashed(sorted(hashed({salt["path"]: f"{salt['value']}:{salt.pop('shown')}"}) for salt in salts))
    proof = {
        "type": "OpenAttestationMerkleProofSignature2018",
        "targetHash": target,
        "proofs": [],
        "merkleRoot": target,
        "salts": base64.b64encode(json.dumps(salts).encode()).decode(),
    }
    return {**document, "proof": proof}


def credential(subject: Any, **more: Any) -> Json:
    """Put a subject into a W3C credential."""
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential", "OpenAttestationCredential"],
        "issuanceDate": "2026-09-18T03:20:00Z",
        "issuer": {"id": "did:web:chamber.example", "name": "Qiantang Chamber of International Trade"},
        "credentialSubject": subject,
        **more,
    }


def read(value: Json) -> CertificateDocument:
    """Read a certificate in JSON."""
    return read_coo(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_the_hash_is_keccak_256(data: bytes, expected: str) -> None:
    """The published answers of Keccak-256, which is not SHA3-256."""
    assert keccak_256(data).hex() == expected


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_wrappers_have_the_right_hash(name: str, shared: Path) -> None:
    """Each wrapped file of other people hashes to what it says; a value changed by one sign does not."""
    data = (shared / "samples" / "other" / name).read_bytes()
    value = open_json(data, name)
    assert isinstance(value, dict)
    assert unwrapped(value, Examiner()).subject
    for old, new in ((b"ABC Company", b"ABD Company"), (b"Demo Shipper", b"Demo Shippes"), (b"John Doe", b"John Dof")):
        if old in data:
            changed = open_json(data.replace(old, new), name)
            assert isinstance(changed, dict)
            with pytest.raises(DocumentError, match="changed after it was issued"):
                unwrapped(changed, Examiner())


@pytest.mark.parametrize("name", ["tradetrust-invoice.json", "tradetrust-dns-did-signed.json"])
def test_wrapped_papers_of_other_kinds_are_named(name: str, shared: Path) -> None:
    """An invoice form, a driving licence: what it is is said, and not that it is broken."""
    data = (shared / "samples" / "other" / name).read_bytes()
    with pytest.raises(UnsupportedFormat, match=r"INVOICE|DRIVING_LICENSE"):
        examine_document(data, name)


def test_version_2_is_unwrapped() -> None:
    """The values are those of the bare certificate; a finding says that nobody asked the issuer's registry."""
    bare = {
        **CERTIFICATE,
        "issuers": [{"name": "Chamber", "identityProof": {"type": "DNS-TXT", "location": "c.example"}}],
    }
    reading = examine_document(json.dumps(version_2(bare)).encode())
    assert reading.document == read(CERTIFICATE)
    assert [finding.field for finding in reading.findings] == ["signature"]
    assert "DNS-TXT" in reading.findings[0].seen


def test_version_3_is_unwrapped() -> None:
    """A credential's subject is the certificate; what stands beside it is not needed."""
    reading = examine_document(json.dumps(version_3(credential(CERTIFICATE))).encode())
    assert reading.document == read(CERTIFICATE)
    assert [finding.field for finding in reading.findings] == ["proof"]


def test_a_wrapper_says_what_the_data_leave_out() -> None:
    """OpenAttestation's own certificate needs no issuer, no preference and no dates: the credential has them."""
    thin = {"iD": "1", "supplyChainConsignment": CERTIFICATE["supplyChainConsignment"]}
    certificate = read(version_3(credential(thin, validFrom="2026-09-18", validUntil="2027-09-17")))
    assert certificate.issuer.name == "Qiantang Chamber of International Trade"
    assert certificate.issuer.identifiers == ("did:web:chamber.example",)
    assert (certificate.preferential, certificate.issued) == (False, "2026-09-18")
    assert (certificate.valid_from, certificate.valid_until) == ("2026-09-18", "2027-09-17")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda value: value["data"].update(iD=f"{'0' * 36}:string:other"), "signature/targetHash"),
        (lambda value: value["data"].update(iD="bare"), "signature/targetHash"),
        (lambda value: value["signature"].update(targetHash="00"), "signature/targetHash"),
        (lambda value: value["signature"].update(merkleRoot="00" * 32), "signature/merkleRoot"),
        (lambda value: value["signature"].update(proof=["zz"]), "signature/proof"),
        (lambda value: value.update(privacy={"obfuscatedData": ["cd" * 32]}), "signature/targetHash"),
        (lambda value: value.update(privacy={"obfuscatedData": ["x"]}), "privacy/obfuscatedData"),
    ],
)
def test_a_changed_version_2_is_refused(change: Any, field: str) -> None:
    """A tampered copy is told by the place that does not agree, and its values are not given."""
    value = version_2(CERTIFICATE)
    change(value)
    with pytest.raises(DocumentError) as refused:
        read(value)
    assert refused.value.field == field


def changed_salts(value: Json) -> None:
    """Drop one salt."""
    salts = json.loads(base64.b64decode(value["proof"]["salts"]))
    value["proof"]["salts"] = base64.b64encode(json.dumps(salts[1:]).encode()).decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda value: value["credentialSubject"].update(iD="other"), "proof/targetHash"),
        (lambda value: value.update(added="x"), "proof/salts"),
        (lambda value: value["credentialSubject"].pop("iD"), "proof/salts"),
        (changed_salts, "proof/salts"),
        (lambda value: value["proof"].update(salts="*"), "proof/salts"),
        (lambda value: value["proof"].update(merkleRoot="11" * 32), "proof/merkleRoot"),
    ],
)
def test_a_changed_version_3_is_refused(change: Any, field: str) -> None:
    """A value changed, added or taken away is found, although all values stand in the open."""
    value = version_3(credential(copy.deepcopy(CERTIFICATE)))
    change(value)
    with pytest.raises(DocumentError) as refused:
        read(value)
    assert refused.value.field == field


def test_values_have_their_types_back() -> None:
    """Numbers, truth and nothing come out of their salts as they went in; what is no number is refused."""
    salt = "0" * 36
    data = {"a": f"{salt}:number:1.50", "b": f"{salt}:boolean:true", "c": f"{salt}:null:null", "d": []}
    flat = dict(data)
    target = hashed(sorted(hashed({name: value}) for name, value in flat.items()))
    value = {"data": data, "signature": {"targetHash": target, "merkleRoot": target}}
    opened = open_version_2(value)
    assert isinstance(opened, dict)
    assert (str(opened["a"]), opened["b"], opened["c"], opened["d"]) == ("1.50", True, None, [])
    for text in ("many", "NaN"):
        broken = {"a": f"{salt}:number:{text}"}
        target = hashed([hashed(broken)])
        with pytest.raises(DocumentError, match="a number"):
            open_version_2({"data": broken, "signature": {"targetHash": target, "merkleRoot": target}})


def test_numbers_of_version_3_are_hashed_as_scripts_write_them() -> None:
    """1.50 is 1.5 there; a number that programs write differently is refused rather than called tampered."""
    for text, written in (("1.50", "1.5"), ("12", "12"), ("true", "true"), ("null", "null")):
        salts = [{"value": "00", "path": "a"}]
        target = hashed([hashed({"a": f"00:{written}"})])
        proof = {
            "targetHash": target,
            "merkleRoot": target,
            "salts": base64.b64encode(json.dumps(salts).encode()).decode(),
        }
        value = open_json(f'{{"a": {text}, "proof": {json.dumps(proof)}}}'.encode(), "file")
        assert isinstance(value, dict)
        verify_version_3(value)
    value = open_json(f'{{"a": 1.12345678901234567890, "proof": {json.dumps(proof)}}}'.encode(), "file")
    assert isinstance(value, dict)
    with pytest.raises(DocumentError, match="every program writes alike"):
        verify_version_3(value)


@pytest.mark.parametrize(
    ("values", "bound"), [(["x"] * 5_001, "at most 5,000"), (["x" * 1_000] * 800, "at most 6,000")]
)
def test_too_much_is_not_hashed(values: list[str], bound: str) -> None:
    """A file that would take minutes is refused before anything is hashed: too many values, or too long ones."""
    data = {f"a{place}": f"{'0' * 36}:string:{value}" for place, value in enumerate(values)}
    salts = [{"path": f"a{place}", "value": "5a" * 32} for place in range(len(values))]
    proof = {"targetHash": "00" * 32, "salts": base64.b64encode(json.dumps(salts).encode()).decode()}
    with pytest.raises(DocumentError, match=bound):
        open_version_2({"data": data, "signature": proof})
    with pytest.raises(DocumentError, match=bound):
        verify_version_3({**data, "proof": proof})


def test_a_way_to_the_root_has_an_end() -> None:
    """Each step of it is a hash too."""
    wrapped = version_2({"a": "x"})
    wrapped["signature"]["proof"] *= 65
    with pytest.raises(DocumentError, match="at most 64"):
        open_version_2(wrapped)


def test_a_plain_credential_tells_that_its_proof_was_not_checked() -> None:
    """A W3C proof is verified by who relies on it; a credential without one says so too."""
    proof = {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"}
    reading = examine_document(json.dumps(credential(CERTIFICATE, proof=proof)).encode())
    assert reading.document == read(CERTIFICATE)
    assert [(finding.field, finding.seen) for finding in reading.findings] == [("proof", "ecdsa-sd-2023")]
    reading = examine_document(json.dumps({"verifiableCredential": credential(CERTIFICATE)}).encode())
    assert [finding.seen for finding in reading.findings] == ["no proof"]


def test_a_credential_about_nothing_is_refused() -> None:
    """A credential has a subject."""
    with pytest.raises(DocumentError, match="what the credential is about"):
        read(credential([]))
