"""`hanse webhook`: an operator adds, tries, looks after and removes webhooks, whether the node runs or not."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import VerifyKey
from standardwebhooks.webhooks import Webhook

from hanse_cli.main import run
from hanse_cli.with_node import webhooks
from hanse_ledger.kinds.object import created_id
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.backup import make_backup
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.restore import rebuild_folder
from hanse_node.operate.diagnosis import Level
from hanse_node.operate.doctor import examine
from hanse_node.store.beside.webhooks import Hooks
from hanse_node.webhooks.secretfiles import secret_file
from tests.system.stage.receiver import Receiver, receiver
from tests.world.node_ledger import HOUR, PARTIES, START, commit, fixed_clock, make_folder


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Give the folder of a node that was stopped, and may call loopback."""
    path = make_folder(tmp_path / "node")
    with open_folder(path, {}) as folder:
        store, signer = start_ledger(folder, fixed_clock())
        commit(store, *PARTIES, sign=signer.sign)
        store.close()
    settings = path / "node.toml"
    text = settings.read_text()
    settings.write_text(text.replace('inside = ""', 'inside = "127.0.0.0/8"'))
    return path


@pytest.fixture
def place() -> Iterator[Receiver]:
    """Run a receiver."""
    with receiver() as running:
        yield running


class Commands:
    """The commands on a folder, and what they say."""

    def __init__(self, node: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._node, self._capsys = node, capsys

    def said(self, *words: str, code: int = 0) -> Any:
        """Run one that ends with a code, and give its JSON."""
        assert run(["webhook", *words, "--dir", str(self._node), "--json"]) == code
        return json.loads(self._capsys.readouterr().out)

    def text(self, *words: str, code: int = 0) -> str:
        """Run one, and give what it prints."""
        assert run(["webhook", *words, "--dir", str(self._node)]) == code
        told = self._capsys.readouterr()
        return told.out + told.err


@pytest.fixture
def hanse(node: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Give the commands."""
    return Commands(node, capsys)


def test_a_secret_is_shown_once_and_verifies(hanse: Commands, node: Path, place: Receiver) -> None:
    """It lies in a file of mode 0600; what is sent to try the hook is signed with it."""
    assert hanse.text("list").strip() == "There are none."
    added = hanse.said("add", "erp", place.url)
    secret = added["secret"]
    assert secret.startswith("whsec_")
    assert secret_file(node, "erp").read_text().strip() == secret
    assert secret_file(node, "erp").stat().st_mode & 0o777 == 0o600
    for words in (["list"], ["deliveries", "erp"], ["pause", "erp"], ["resume", "erp"]):
        assert secret not in json.dumps(hanse.said(*words)), words
    sent = hanse.said("trigger", "erp")
    (came,) = place.came
    event = Webhook(secret).verify(came.body, came.headers)
    assert (event["type"], event["data"]) == ("hanse.webhook.try", {"webhook": "erp"})
    assert (sent["id"], sent["status"], sent["accepted"]) == (came.id, 204, True)
    assert [each["id"] for each in hanse.said("deliveries", "erp")] == [came.id]
    assert "accepted with 204" in hanse.text("deliveries", "erp")


def test_a_key_pair_has_a_public_key_to_show(hanse: Commands, place: Receiver) -> None:
    """The private one is told to nobody."""
    added = hanse.said("add", "erp", place.url, "--ed25519")
    assert "secret" not in added
    (listed,) = hanse.said("list")
    assert listed["public_key"] == added["public_key"]
    hanse.said("trigger", "erp")
    (came,) = place.came
    version, _, signature = came.headers["webhook-signature"].partition(",")
    signed = f"{came.id}.{came.headers['webhook-timestamp']}.".encode() + came.body
    VerifyKey(b64decode(added["public_key"].removeprefix("whpk_"))).verify(signed, b64decode(signature))
    assert version == "v1a"


def test_one_event_is_sent_again(hanse: Commands, node: Path, place: Receiver) -> None:
    """By its record's id, which is the message's, now, whatever the hook wants; a record that is none is refused."""
    hanse.said("add", "erp", place.url, "--kind", "pledge")
    record = PARTIES[0].id.hex()
    assert hanse.said("replay", "erp", "--record", record)["position"] == 1
    assert (place.came[0].id, place.came[0].event["type"]) == (record, "hanse.party.enrol")
    assert "stands in this ledger" in hanse.said("replay", "erp", "--record", "ab" * 32, code=2)["error"]["message"]
    place.answer = lambda _: (500, {})
    assert "500" in hanse.said("replay", "erp", "--record", record, code=30)["error"]["message"]
    assert [each["accepted"] for each in hanse.said("deliveries", "erp")] == [False, True]
    assert len(hanse.said("deliveries", "erp", "--failed")) == 1
    (listed,) = hanse.said("list")
    assert (listed["position"], listed["behind"]) == (4, 0)


def test_a_hook_is_sent_back_paused_and_removed(hanse: Commands, node: Path, place: Receiver) -> None:
    """Each says where the hook stands; what is removed leaves no secret."""
    hanse.said("add", "erp", place.url)
    assert hanse.said("replay", "erp", "--from", "1")["position"] == 1
    (listed,) = hanse.said("list")
    assert (listed["behind"], listed["paused"]) == (2, None)
    assert hanse.said("pause", "erp")["paused"] is not None
    assert "its operator has paused it" in hanse.text("list")
    assert hanse.said("resume", "erp")["paused"] is None
    assert hanse.said("remove", "erp")["removed"] is True
    assert not secret_file(node, "erp").exists()
    for words in (["remove", "erp"], ["pause", "erp"], ["trigger", "erp"], ["deliveries", "erp"]):
        assert "no webhook" in hanse.said(*words, code=2)["error"]["message"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a b", "URL"], "no name of a webhook"),
        (["erp", "ftp://erp.example/"], "neither http"),
        (["erp", "https://user@erp.example/"], "a user or a fragment"),
        (["erp", "https://erp.example/#there"], "a user or a fragment"),
        (["erp", "https://erp.example/\u00fc"], "ASCII"),
        (["erp", "https://10.0.0.1/"], "which is inside"),
        (["erp", "https://169.254.169.254/latest"], "which is inside"),
        (["erp", "http://8.8.8.8/"], "https:// alone"),
        (["erp", "URL", "--kind", "invoice.isue"], "no kind of record"),
        (["erp", "URL", "--object", "abc"], "no id"),
        (["erp", "URL", "--from", "5"], "The log has 4 entries"),
        (["erp", "URL", "--token", "nobody"], "there is no token nobody"),
    ],
    ids=[
        "name",
        "scheme",
        "user",
        "fragment",
        "letters",
        "private",
        "metadata",
        "in-the-clear",
        "kind",
        "object",
        "position",
        "token",
    ],
)
def test_what_is_wrong_is_refused(hanse: Commands, place: Receiver, words: list[str], said: str) -> None:
    """By what is wrong, with a next step, and nothing has changed."""
    refused = hanse.said("add", *(place.url if word == "URL" else word for word in words), code=2)
    assert said in refused["error"]["message"]
    assert refused["error"]["action"]
    assert hanse.said("list") == []


def test_a_name_is_taken_once(hanse: Commands, node: Path, place: Receiver) -> None:
    """The secret of the first stays what it is."""
    secret = hanse.said("add", "erp", place.url)["secret"]
    assert "already" in hanse.said("add", "erp", place.url, code=2)["error"]["message"]
    assert secret_file(node, "erp").read_text().strip() == secret


def test_a_replay_says_of_what(hanse: Commands, place: Receiver) -> None:
    """Of everything from somewhere on, or of one; not of both, nor of nothing."""
    hanse.said("add", "erp", place.url)
    for words in ([], ["--from", "1", "--record", "ab" * 32]):
        assert "what is to be sent again" in hanse.said("replay", "erp", *words, code=2)["error"]["message"]
    assert "The log has" in hanse.said("replay", "erp", "--from", "99", code=2)["error"]["message"]


def test_they_outlast_a_rebuild_and_a_backup(hanse: Commands, node: Path, place: Receiver, tmp_path: Path) -> None:
    """They follow from no entry, and are taken over."""
    hanse.said("add", "erp", place.url, "--from", "2")
    hanse.said("trigger", "erp")
    before = hanse.said("list"), hanse.said("deliveries", "erp")
    rebuild_folder(node, START, 0, lambda *_: None)
    assert (hanse.said("list"), hanse.said("deliveries", "erp")) == before
    make_backup(node, tmp_path / "backup", START, lambda *_: None, None)
    assert not list((tmp_path / "backup").rglob("webhooks/*")), "secrets stay at home, as keys do"


def test_the_doctor_says_what_hinders(hanse: Commands, node: Path, place: Receiver) -> None:
    """Paused ones and failing ones by name, and a secret that is gone; a node without any is well."""

    def found() -> list[tuple[Level, str]]:
        return [(each.level, each.seen) for each in examine(node, {}, START) if each.name == "webhooks"]

    assert found() == [(Level.OK, "none")]
    hanse.said("add", "erp", place.url)
    assert found() == [(Level.OK, "1 of at most 64")]
    hanse.said("pause", "erp")
    assert found()[0] == (Level.WARNING, "erp is paused: its operator has paused it")
    hanse.said("resume", "erp")
    secret_file(node, "erp").unlink()
    assert [level for level, _ in found()] == [Level.FAILURE, Level.OK]
    with open_folder(node, {}) as folder:
        store, _ = start_ledger(folder, fixed_clock())
        assert Hooks(store).find("erp").position == 4
        store.close()


def test_a_secret_is_rotated(hanse: Commands, node: Path, place: Receiver) -> None:
    """Both sign for the overlap, a day unless said otherwise; at once where the old one was seen; a pair may follow."""
    old = hanse.said("add", "erp", place.url)["secret"]
    rotated = hanse.said("rotate", "erp")
    assert rotated["old_until"] is not None
    hanse.said("trigger", "erp")
    for secret in (old, rotated["secret"]):
        Webhook(secret).verify(place.came[0].body, place.came[0].headers)
    pair = hanse.said("rotate", "erp", "--ed25519", "--overlap", "0")
    assert (pair["old_until"], "secret" in pair, pair["public_key"][:5]) == (None, False, "whpk_")
    assert hanse.said("list")[0]["public_key"] == pair["public_key"]
    hanse.said("trigger", "erp")
    assert place.came[1].headers["webhook-signature"].startswith("v1a,")
    assert " " not in place.came[1].headers["webhook-signature"]
    # As it was before, if nothing is said: a pair again.
    assert "public_key" in hanse.said("rotate", "erp")
    assert "public_key" not in hanse.said("rotate", "erp", "--hmac")
    lies = secret_file(node, "erp").read_bytes()
    assert "3 secrets of erp count already" in hanse.said("rotate", "erp", code=2)["error"]["message"]
    assert "no webhook" in hanse.said("rotate", "nobody", code=2)["error"]["message"]
    assert secret_file(node, "erp").read_bytes() == lies
    hanse.said("remove", "erp")
    assert list(secret_file(node, "erp").parent.iterdir()) == []


def test_a_hook_is_added_for_whom_it_tells(hanse: Commands, place: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A party's or a member's: what its owner may not read is not sent by hand either."""
    monkeypatch.setattr(webhooks, "now_ms", lambda: START + HOUR)
    seller, buyer = (record.id for record in PARTIES)
    party = hanse.said("add", "sellers", place.url, "--for-party", created_id(seller).hex())
    assert party["owner"] == f"party {created_id(seller).hex()}"
    assert hanse.said("add", "members", place.url, "--for-member", "market")["owner"] == "member market"
    assert hanse.said("replay", "sellers", "--record", seller.hex())["accepted"]
    hidden = hanse.said("replay", "sellers", "--record", buyer.hex(), code=2)["error"]
    absent = hanse.said("replay", "sellers", "--record", "ab" * 32, code=2)["error"]
    assert hidden["message"].replace(buyer.hex(), "ab" * 32) == absent["message"]
    assert hanse.said("replay", "members", "--record", buyer.hex())["accepted"]
    refusals = {
        ("--for-party", "ab" * 32): "there is no party",
        ("--for-member", "nobody"): "there is no member nobody",
        ("--for-member", "market", "--token", "t"): "A webhook has one owner",
    }
    for words, why in refusals.items():
        assert why in hanse.said("add", "other", place.url, *words, code=2)["error"]["message"]
