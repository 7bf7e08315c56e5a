"""Mandates typed against a real node."""

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def test_another_party_signs_under_a_mandate(desk: Desk) -> None:
    """A broker issues the seller's invoice; a proof says for whom, and once revoked nothing is signed under it."""
    broker = desk.enrol("broker", "agent")
    grant = ("mandate", "grant", "--kind", "invoice.issue", "--to-party", broker, "--currency", "EUR")
    mandate = desk.run(*grant, "--each", "5200.00", "--total", "6000.00", who="seller").out
    shown = desk.run("mandate", "show", mandate, "--json").json
    assert (shown["kind"], shown["state"], shown["aspects"]["links"]["party"]) == ("mandate", "in force", broker)
    assert (shown["aspects"]["amounts"]["each_minor"], shown["aspects"]["amounts"]["used_minor"]) == (520_000, 0)
    assert "5200.00 EUR" in desk.run("mandate", "show", mandate).out

    issue = ("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again")
    under = (*issue, "--under", mandate)
    invoice = desk.run(*under, who="broker").out
    links = desk.run("invoice", "show", invoice, "--json").json["aspects"]["links"]
    assert links["seller"] == desk.ids["seller"]
    desk.run("proof", invoice, "--out", "mandated.hanse", who="seller")
    report = desk.run("verify", "mandated.hanse", "--json").json
    (act,) = (act for act in report["acts"] if act["kind"] == "invoice.issue")
    assert act["signers"] == [f"party {broker} for party {desk.ids['seller']} under mandate"]
    assert mandate in desk.run("inspect", "mandated.hanse", "--json").out

    # What it names is more than is left; what it does not cover is said by name; another party is no mandatary.
    error = desk.run(*under, "--json", who="broker", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("mandate-sum-exceeded", "B-3")
    cancel = ("invoice", "cancel", invoice, "--under", mandate, "--json")
    assert desk.run(*cancel, who="broker", code=15).json["error"]["reason"] == "kind-not-covered"
    assert desk.run(*under, "--json", who="buyer", code=15).json["error"]["reason"] == "mandatary-missing"

    desk.run("mandate", "revoke", mandate, who="broker")
    assert desk.run(*under, "--json", who="broker", code=15).json["error"]["reason"] == "mandate-revoked"
    assert desk.run("mandate", "show", mandate, "--json").json["state"] == "revoked"
    desk.run("proof", invoice, "--out", "later.hanse", who="seller")
    report = desk.run("verify", "later.hanse", "--json").json
    assert report["verdict"] in {"valid", "valid with warnings"}
    assert any("1 had been revoked" in each for each in report["established"])
    # The mandate itself, whole, is revoked; and what was signed under it is all there.
    desk.run("proof", mandate, "--out", "mandate.hanse", who="seller")
    assert desk.run("verify", "mandate.hanse", "--json", code=11).json["verdict"] == "revoked"


def test_a_member_signs_under_a_mandate(desk: Desk) -> None:
    """A marketplace cancels for its seller; what names money wants a limit."""
    grant = ("mandate", "grant", "--kind", "invoice.issue", "--kind", "invoice.cancel", "--to-member", "market")
    mandate = desk.run(*grant, who="seller").out
    issue = ("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", "--under", mandate, "--json")
    assert desk.run(*issue, who="market", code=15).json["error"]["reason"] == "mandate-without-limit"
    desk.run("invoice", "cancel", desk.issue(), "--under", mandate, who="market")
    desk.run(*grant[:4], "--to-member", "market", "--each", "1", who="seller", code=2)
    desk.run(*grant[:4], "--to-member", "market", "--currency", "EUR", who="seller", code=2)
