"""Offices typed against a real node."""

from hashlib import sha256

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def test_a_member_opens_its_office_once(desk: Desk) -> None:
    """It is shown from a proof, with its member and the hash of its profile; a second one is refused."""
    (desk.folder / "profile.json").write_bytes(b"{}")
    office = desk.run("office", "open", "--profile", "profile.json", who="bank-a").out
    shown = desk.run("office", "show", office, "--json").json
    assert (shown["kind"], shown["state"], shown["aspects"]["links"]["member"]) == ("office", "open", "bank-a")
    assert shown["aspects"]["settings"]["profile"] == sha256(b"{}").hexdigest()
    error = desk.run("office", "open", "--json", who="bank-a", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("office-opened", "F-1")
    desk.run("office", "open", "--profile", "missing.json", who="bank-a", code=2)


def test_officers_sign_for_their_member(desk: Desk) -> None:
    """An officer's certificate stands, and a proof with it is valid; once dismissed its key signs nothing."""
    office = desk.run("office", "open", who="chamber").out
    desk.run("key", "new", "officer.pem")
    desk.run("office", "appoint", office, "officer.pem", "--power", "certify", who="chamber")
    assert "officer 1" in desk.run("office", "show", office).out
    signs = ("--identity", "officer.pem", "--home", "officer")
    assert office in desk.run("office", "adopt", office, *signs).out
    desk.run("office", "adopt", office, "--identity", "seller.pem", "--home", "elsewhere", code=2)
    issue = ("certificate", "issue", "certificate.json", "--exporter", desk.ids["seller"])
    certificate = desk.run(*issue, *signs).out
    assert desk.run("certificate", "show", certificate, "--json").json["aspects"]["links"]["issuer"] == "chamber"
    desk.run("proof", certificate, "--out", "certified.hanse", who="seller")
    report = desk.run("verify", "certified.hanse", "--json").json
    assert report["verdict"] in {"valid", "valid with warnings"}
    assert any("of chamber" in signer for act in report["acts"] for signer in act["signers"])

    revoke = ("certificate", "revoke", certificate, "--reason", "issued-in-error", "--json")
    desk.run("office", "set", office, "--four-eyes", "certificate.revoke", who="chamber")
    error = desk.run(*revoke, who="chamber", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("key-under-four-eyes", "F-6")
    desk.run("office", "set", office, "--no-four-eyes", who="chamber")
    key = desk.run("key", "show", "officer.pem", "--json").json["public_key"]
    desk.run("office", "dismiss", office, key, "--reason", "cessation-of-operation", who="chamber")
    error = desk.run(*revoke, *signs, code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("officer-ended", "F-5")
