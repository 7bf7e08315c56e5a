"""Members go while the node runs: whoever looks at what hangs on them is told, with what to do."""

from pathlib import Path

import pytest

from tests.world.typed.desk import Desk, open_desk_here

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def carry(desk: Desk, *change: str) -> None:
    """Have a change of the members proposed and carried by three more of the five."""
    proposal = desk.run("member", "propose", *change, who="market").out
    for who in ("customs", "bank-a", "bank-b"):
        desk.run("member", "vote", proposal, "--approve", who=who)


def test_who_is_gone_is_said_with_what_to_do(tmp_path: Path) -> None:
    """Of a certificate its issuer, of a party its member, of the members who is suspended; in text, JSON and doctor."""
    with open_desk_here(tmp_path) as desk:
        seller = desk.ids["seller"]
        certificate = desk.run("certificate", "issue", "certificate.json", "--exporter", seller, who="chamber").out
        shown = desk.run("certificate", "show", certificate)
        assert "WARNING" not in shown.out
        assert desk.run("certificate", "show", certificate, "--json").json["warnings"] == []
        carry(desk, "--suspend", "chamber")
        shown = desk.run("certificate", "show", certificate)
        assert "WARNING" in shown.out
        assert "Its issuer chamber is suspended. The certificate is not void" in shown.out
        (warning,) = desk.run("certificate", "show", certificate, "--json").json["warnings"]
        assert warning["code"] == "member-gone"
        assert "nobody can revoke it" in warning["action"]
        members = desk.run("member", "show")
        assert "suspended" in members.out
        assert "hanse member propose --reinstate chamber" in members.err
        answer = desk.run("member", "show", "--json").json
        assert [each["message"] for each in answer["warnings"]] == ["chamber is suspended."]
        assert [each["id"] for each in answer["members"] if each["suspended"]] == ["chamber"]
        found = {each["name"]: each for each in desk.run("doctor", "--dir", "node", "--json").json["findings"]}
        assert (found["members"]["level"], "chamber is suspended" in found["members"]["seen"]) == ("warning", True)

        assert "WARNING" not in desk.run("party", "show", seller).out
        party = desk.enrol("mover", "seller")
        desk.run("party", "request-move", "--member", "bank-a", "-o", "move.request", who="mover")
        desk.run("party", "move", "move.request", "--yes", who="bank-a")
        desk.run("party", "move", "move.request", "--yes", who="market")
        carry(desk, "--reinstate", "chamber", "--remove", "bank-a")
        assert "Its member bank-a has left. The party signs and trades on" in desk.run("party", "show", party).out
        assert "WARNING" not in desk.run("certificate", "show", certificate).out
        doctor = desk.run("doctor", "--dir", "node").out
        assert "WARNING: bank-a has left since the ledger began" in doctor
        assert "hanse party request-move" in doctor
