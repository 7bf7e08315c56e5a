"""Many enrolments typed against a real node: shown, sent, resumed; what is wrong with one changes nothing of others."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from hanse_client.base.errors import NodeUnreachable
from hanse_client.base.views import Receipt, Refusal
from hanse_client.home.enrolments import EnrolmentRequest
from hanse_client.home.identity import Identity
from hanse_client.resources.parties import AsyncParties
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def requests_in(desk: Desk, folder: str, names: tuple[str, ...]) -> list[str]:
    """Have parties ask the market for their enrolment, each with a file in a folder; give their ids to be."""
    (desk.folder / folder).mkdir()
    ids = []
    for name in names:
        Identity.generate(name).save(desk.folder / f"{name}.pem", None)
        words = ("--member", "market", "--role", "seller", "--term", f"name={name} Ltd")
        ids.append(desk.run("party", "request", *words, "-o", f"{folder}/{name}.request", who=name).out)
    return ids


def test_a_folder_of_requests_is_enrolled_at_once(desk: Desk) -> None:
    """Whom they show is told before anything is signed; a wrong file hinders no other; twice is harmless."""
    ids = requests_in(desk, "many", ("many-a", "many-b"))
    (desk.folder / "many" / "wrong.request").write_bytes(b"{}")
    unasked = desk.run("party", "enrol-all", "many", who="market", code=2)
    assert "many-a Ltd" in unasked.err
    assert "these 2 identities" in unasked.err
    assert "no terminal to ask" in unasked.err
    desk.run("party", "show", ids[0], code=13)
    report = desk.folder / "report.json"
    sent = desk.run(
        "party", "enrol-all", "many", "--yes", "--json", "--report", str(report), who="market", code=15
    ).json
    assert (sent["enrolled"], sent["not_enrolled"], sent["not_sent"]) == (2, 1, 0)
    assert [each["party"] for each in sent["parties"][:2]] == ids
    assert sent["parties"][2]["place"] == "wrong.request"
    assert '"enrolled": 2' in report.read_text()
    (desk.folder / "many" / "wrong.request").unlink()
    again = desk.run("party", "enrol-all", "many", "--yes", who="market").out
    assert [line.split("  ")[:2] for line in again.splitlines()] == [[name, "stood already"] for name in ids]
    assert desk.run("party", "show", ids[1], "--json").json["state"] == "enrolled"
    # Made for the market's key, they are nobody else's to sign.
    other = desk.run("party", "enrol-all", "many", "--yes", who="chamber", code=15)
    assert "made for another key, of market" in other.err


def test_a_table_of_parties_is_enrolled_with_keys_made_here(desk: Desk) -> None:
    """Each line has its key and its request in a folder; a second run makes none again, and a new line goes on."""
    text = (
        "key,role,name,vat,repair\nkiln,seller,Kiln Studio,CN1,chamber\ntea,nonsense,Tea,,\nsilk,buyer seller,Silk,,\n"
    )
    (desk.folder / "parties.csv").write_text(text)
    secret = desk.folder / "pass"
    secret.write_text("correct horse\n")
    secret.chmod(0o600)
    words = ("party", "enrol-all", "parties.csv", "--yes", "--json", "--new-passphrase-file", "pass")
    assert "--keys" in desk.run(*words, who="market", code=2).json["error"]["action"]
    first = desk.run(*words, "--keys", "held", who="market", code=15).json
    outcomes = [(each["place"], each["outcome"]) for each in first["parties"]]
    assert outcomes == [("line 2", "enrolled"), ("line 3", "not enrolled"), ("line 4", "enrolled")]
    assert "nonsense" in first["parties"][1]["detail"]
    kiln = first["parties"][0]["party"]
    shown = desk.run("party", "show", kiln, "--json").json["aspects"]
    assert shown["links"] == {"member": "market", "repair": "chamber"}
    before = (desk.folder / "held" / "kiln.pem").read_bytes()
    assert b"ENCRYPTED" in before
    (desk.folder / "parties.csv").write_text(text.replace("nonsense", "buyer"))
    second = desk.run(*words, "--keys", "held", who="market").json
    assert [each["outcome"] for each in second["parties"]] == ["stood already", "enrolled", "stood already"]
    assert second["parties"][0]["party"] == kiln
    assert (desk.folder / "held" / "kiln.pem").read_bytes() == before
    (desk.folder / "parties.csv").write_text(text.replace("Kiln Studio", "Somebody Else"))
    other = desk.run(*words, "--keys", "held", who="market", code=15).json
    assert "says something else than this line" in other["parties"][0]["detail"]


def test_an_interrupted_run_goes_on_where_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was answered stands in the report; the next run sends the same records, under the same ids."""
    ids = requests_in(desk, "cut", ("cut-a", "cut-b", "cut-c"))
    monkeypatch.setattr("hanse_cli.commands.members.enrolall.BATCH", 1)
    send, calls = AsyncParties.enrol_requests, []

    async def cut(self: AsyncParties, requests: Sequence[EnrolmentRequest]) -> list[Receipt | Refusal]:
        calls.append(requests)
        if len(calls) == 2:
            raise NodeUnreachable("The cable is cut.", "Plug it in.")
        return await send(self, requests)

    monkeypatch.setattr(AsyncParties, "enrol_requests", cut)
    report = tmp_path / "report.json"
    words = ("party", "enrol-all", "cut", "--yes", "--report", str(report))
    desk.run(*words, who="market", code=30)
    told = report.read_text()
    assert ('"enrolled": 1' in told, '"not_sent": 2' in told) == (True, True)
    monkeypatch.setattr(AsyncParties, "enrol_requests", send)
    again = desk.run(*words, who="market").out
    assert [line.split("  ")[:2] for line in again.splitlines()] == [
        [ids[0], "stood already"],
        [ids[1], "enrolled"],
        [ids[2], "enrolled"],
    ]
