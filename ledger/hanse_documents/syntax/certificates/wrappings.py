"""What a certificate in JSON travels in: nothing, OpenAttestation 2.0 or 3.0, a W3C verifiable credential."""

from collections.abc import Mapping

from msgspec import Struct

from hanse_documents.model.errors import DocumentError, Examiner, FaultWeight
from hanse_documents.syntax.certificates import openattestation
from hanse_documents.syntax.jsonplaces import NOTHING, Json, every, first, first_text, text_at

OPEN_ATTESTATION_2, OPEN_ATTESTATION_3 = "OpenAttestation 2.0", "OpenAttestation 3.0"
CREDENTIAL = "W3C verifiable credential"


class Wrapping(Struct, frozen=True, kw_only=True):
    """What stood around a document, and the document.

    `whole` is the credential itself, some of which keep values beside their subject; `subjects` are what it is about.
    `kind` is empty where there was nothing around it.
    """

    kind: str
    subjects: tuple[Json, ...]
    whole: Json = NOTHING
    types: tuple[str, ...] = ()
    issuer_id: str | None = None
    issuer_name: str | None = None
    number: str | None = None
    issued: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None

    @property
    def subject(self) -> Json:
        """Give the first subject."""
        return self.subjects[0]

    def called(self) -> str:
        """Say what it calls itself, for messages."""
        own = [name for name in self.types if not name.startswith(("VerifiableCredential", "OpenAttestation"))]
        template = first_text(self.whole, ("openAttestationMetadata", "template", "name"), ("$template", "name"))
        named = [*own, *([template] if template else []), *([name] if (name := text_at(self.whole, "name")) else [])]
        return ", ".join(dict.fromkeys(named)) or "of no named kind"


def unwrapped(value: Json, examiner: Examiner) -> Wrapping:
    """Take a document out of what it travels in, and check the hash where there is one.

    What is not checked is told as a finding: who issued it, and a proof that is a signature.

    Raises:
        DocumentError: the hash is not that of the data.
    """
    inner = value.get("verifiableCredential")
    if isinstance(inner, Mapping):
        value = inner
    if openattestation.is_version_2(value):
        data = openattestation.open_version_2(value)
        assert isinstance(data, dict), "version 2.0 has a map of data"
        _issuer_unasked("signature", text_at(first(data.get("issuers")), "identityProof", "type"), examiner)
        issuer = first(data.get("issuers"))
        return Wrapping(
            kind=OPEN_ATTESTATION_2,
            subjects=(data,),
            whole=data,
            issuer_id=text_at(issuer, "identityProof", "location"),
            issuer_name=text_at(issuer, "name"),
        )
    if "credentialSubject" not in value:
        return Wrapping(kind="", subjects=(value,), issuer_name=text_at(first(value.get("issuers")), "name"))
    kind = CREDENTIAL
    if openattestation.is_version_3(value):
        openattestation.verify_version_3(value)
        kind = OPEN_ATTESTATION_3
        _issuer_unasked("proof", text_at(value, "openAttestationMetadata", "identityProof", "type"), examiner)
    else:
        suite = first_text(value, ("proof", "cryptosuite"), ("proof", "type")) or "no proof"
        wanted = "a proof that is checked here: whoever relies on it verifies it"
        examiner.find("proof", seen=suite, wanted=wanted, weight=FaultWeight.NOTE)
    return _credential(kind, value)


def _issuer_unasked(where: str, told_by: str | None, examiner: Examiner) -> None:
    seen = f"the hash of the data; its issuer is told by {told_by or 'a registry'}"
    wanted = "the registry asked, which is not done here"
    examiner.find(where, seen=seen, wanted=wanted, weight=FaultWeight.NOTE)


def _credential(kind: str, value: Json) -> Wrapping:
    subjects = tuple(each for each in every(value.get("credentialSubject")) if isinstance(each, Mapping))
    if not subjects:
        raise DocumentError("credentialSubject", seen="nothing", wanted="what the credential is about")
    issuer = first(value.get("issuer"))
    return Wrapping(
        kind=kind,
        subjects=subjects,
        whole=value,
        types=tuple(name for name in every(value.get("type")) if isinstance(name, str)),
        issuer_id=issuer if isinstance(issuer, str) else text_at(issuer, "id"),
        issuer_name=text_at(issuer, "name"),
        number=text_at(value, "id"),
        issued=first_text(value, ("issuanceDate",), ("validFrom",), ("issued",)),
        valid_from=text_at(value, "validFrom"),
        valid_until=first_text(value, ("validUntil",), ("expirationDate",)),
    )
