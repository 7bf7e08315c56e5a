"""Files of other people: each certificate, paper of carriage and credential is read, or named as what it is."""

import json
from pathlib import Path

import pytest

from hanse_documents import DocumentVerdict, check_document

VALID, INVALID, UNSUPPORTED = DocumentVerdict.VALID, DocumentVerdict.INVALID, DocumentVerdict.UNSUPPORTED

PAPERS = {
    "coo/edi3-CertificateOfOrigin.sampleFull.json": ("edi3-CertificateOfOrigin", VALID, "TREASURY WINE ESTATES"),
    "coo/edi3-CertificateOfOrigin.sampleMinimal.json": ("edi3-CertificateOfOrigin", VALID, "TREASURY WINE ESTATES"),
    "coo/edi3-CertificateOfOrigin.schema.json": ("", UNSUPPORTED, "is a JSON schema"),
    "coo/openattestation-coo-1.0-context.json": ("", UNSUPPORTED, "is JSON, but"),
    "coo/openattestation-coo-1.0-schema.json": ("", UNSUPPORTED, "is a JSON schema"),
    "coo/tradetrust-form-coo.json": ("", UNSUPPORTED, "is JSON, but"),
    "coo/ubl-2.3-GoodsCertificate-Example.xml": ("ubl-GoodsCertificate", VALID, "ConsignorExample"),
    "coo/uncefact-D23B-PreferentialCoO.schema.json": ("", UNSUPPORTED, "is a JSON schema"),
    "other/UBL-Waybill-2.0-Example-International.xml": ("ubl-Waybill", VALID, "KHN23-44044-1"),
    "other/UBL-RemittanceAdvice-2.0-Example.xml": ("", UNSUPPORTED, "UBL RemittanceAdvice"),
    "other/dcsa-ebl-api-3.0.0-negotiable-bl.json": ("dcsa-TransportDocument", VALID, "MAEU6543210"),
    "other/dcsa-pint-3.0.0-transport-document.json": ("dcsa-TransportDocument", VALID, "HMM Algeciras"),
    "other/tradetrust-dns-did-signed.json": ("W3C-VerifiableCredential", UNSUPPORTED, "DrivingLicenceCredential"),
    "other/tradetrust-ebl.json": ("W3C-VerifiableCredential", VALID, "Demo Shipper"),
    "other/tradetrust-invoice.json": ("OpenAttestation-2.0", UNSUPPORTED, "INVOICE"),
    "other/tradetrust-v2_tr_er_ECDSA_Signed.json": ("W3C-VerifiableCredential", VALID, "20250107"),
}
"""What each file is, what checking it comes to, and a text that a reader must see."""


@pytest.mark.parametrize("name", PAPERS)
def test_each_published_paper_is_read_or_named(name: str, shared: Path) -> None:
    """The kind is told by content, the values are seen, and what is no document that is read is called what it is."""
    kind, verdict, seen = PAPERS[name]
    report = check_document((shared / "samples" / name).read_bytes(), Path(name).name)
    assert (report.kind, report.verdict) == (kind, verdict)
    assert seen in json.dumps(report.as_fields(), ensure_ascii=False)


@pytest.mark.parametrize("name", ["coo/edi3-chafta-coo-template.pdf", "coo/edi3-jaepa-coo-template.pdf"])
def test_printed_forms_are_never_read(name: str, shared: Path) -> None:
    """A PDF without data is unsupported, with words, and no value is taken out of it."""
    report = check_document((shared / "samples" / name).read_bytes(), Path(name).name)
    assert (report.verdict, report.document) == (UNSUPPORTED, None)
    assert "PDF" in report.findings[0].message


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0", b"MM\0*"])
def test_images_are_never_read(start: bytes) -> None:
    """A scan is an image: it is called so, and what to do is said."""
    report = check_document(start + bytes(64), "scan")
    assert (report.verdict, report.document) == (UNSUPPORTED, None)
    assert "an image" in report.findings[0].message
    assert "never read" in report.findings[0].message


def test_verdicts_are_those_that_were_measured(shared: Path) -> None:
    """Where others measured a hash or a root element, ours say the same."""
    measured = json.loads((shared / "samples" / "expected.json").read_text())["files"]
    for name, told in measured.items():
        if name not in PAPERS:
            continue
        report = check_document((shared / "samples" / name).read_bytes(), Path(name).name)
        if "oa" in told:
            tampered = any("changed after it was issued" in finding.message for finding in report.findings)
            assert (told["targetHash_matches"], told["merkle_ok"]) == (not tampered, not tampered)
        if "kind" in told and report.kind:
            assert report.kind.removeprefix("ubl-") == told["kind"].removeprefix("ubl-")
