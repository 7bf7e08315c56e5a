"""A node's folder at the command line: made, examined, opened to readers by tokens. The node does not run."""

import stat
import tomllib

import pytest

from hanse_ledger.proofs.trustfile import read_trust
from tests.world.typed.desk import Desk, members_with_keys


@pytest.fixture
def made(stand: Desk) -> Desk:
    """Give a node's folder, `node`, of a member who brought its keys."""
    words = ("node", "init", "--dir", "node", "--members", members_with_keys(stand.folder, "alone"))
    assert "fingerprint" in stand.run(*words, "--host", "127.0.0.2", "--port", "8181").out
    return stand


def test_a_node_is_made_as_it_is_told(made: Desk) -> None:
    """The settings, the trust file, and no key of a member who has its own; a second ledger never takes the place."""
    settings = tomllib.loads((made.folder / "node" / "node.toml").read_text())
    assert (settings["listen"]["host"], settings["listen"]["port"], settings["cosigner"]) == (
        "127.0.0.2",
        8181,
        "alone",
    )
    trust = read_trust((made.folder / "node" / "trust.json").read_bytes())
    assert [member.id for member in trust.membership.members] == ["alone"]
    assert sorted(path.name for path in (made.folder / "node" / "keys").iterdir()) == ["cosign.pem", "log.pem"]
    again = made.run("node", "init", "--dir", "node", "--members", "own.toml", code=2)
    assert "A ledger is never replaced" in again.err


def test_members_without_keys_get_two_each(stand: Desk) -> None:
    """Encrypted, one to sign with and one to be taken away, which is said; without a passphrase nothing is made."""
    (stand.folder / "one.toml").write_text(
        'name = "One"\noperator = "market"\n[[members]]\nid = "market"\nname = "M"\nroles = ["marketplace"]\n'
    )
    made = stand.run("node", "init", "--dir", "node", "--members", "one.toml")
    for place in ("members", "spare"):
        key = stand.folder / "node" / "keys" / place / "market.pem"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert b"ENCRYPTED PRIVATE KEY" in key.read_bytes()
        assert f"node/keys/{place}/market.pem" in made.out
    assert "Every member has a second key" in made.err
    assert "hanse node run --dir node" in made.err


def test_few_members_are_meant(stand: Desk) -> None:
    """Two or three need a word; the words say what it leads to, and nothing is made without it."""
    words = ("node", "init", "--dir", "node", "--members", members_with_keys(stand.folder, "one", "two"))
    assert "every change of the members needs all of them" in stand.run(*words, code=2).err
    assert not (stand.folder / "node").exists()
    stand.run(*words, "--yes")


def test_a_list_that_is_wrong_makes_nothing(stand: Desk) -> None:
    """What is no TOML, names an operator who is no member, or one key of two: each is told, nothing is made."""
    name = members_with_keys(stand.folder, "one")
    good = (stand.folder / name).read_text()
    spare = next(line for line in good.splitlines() if line.startswith("spare"))
    for wrong, said in (
        ("no toml", "The list of members is wrong"),
        (good.replace('operator = "one"', 'operator = "two"'), "is no member"),
        (good.replace(spare, ""), "brings one key"),
        (good.replace('roles = ["bank"]', 'roles = ["king"]'), "The list of members is wrong"),
    ):
        (stand.folder / "wrong.toml").write_text(wrong)
        assert said in stand.run("node", "init", "--dir", "node", "--members", "wrong.toml", code=2).err
        assert not (stand.folder / "node").exists()


def test_where_no_node_is_none_is_run(stand: Desk) -> None:
    """A folder that holds none is a mistake of the asker's; one that cannot start says why, with 30."""
    assert "holds no node" in stand.run("node", "run", "--dir", "nowhere", code=2).err
    members = members_with_keys(stand.folder, "alone")
    stand.run("node", "init", "--dir", "node", "--members", members, "--host", "no-such-host.invalid")
    (stand.folder / "node" / "genesis.msgpack").write_bytes(b"damaged")
    assert "genesis" in stand.run("node", "run", "--dir", "node", code=30).err


def test_the_doctor_finds_what_is_open_and_what_is_missing(made: Desk) -> None:
    """Findings with their fixes; a failure is exit code 1, in text and JSON; a folder that is none has one too."""
    whole = made.run("doctor", "--dir", "node", "--json")
    assert whole.json["healthy"] is True
    key = made.folder / "node" / "keys" / "log.pem"
    key.chmod(0o644)
    sick = made.run("doctor", "--dir", "node", code=1).out
    assert "FAILURE" in sick
    assert "->" in sick
    assert made.run("doctor", "--dir", "node", "--json", code=1).json["healthy"] is False
    assert "FAILURE" in made.run("doctor", "--dir", "nowhere", code=1).out


def test_tokens_are_shown_once_listed_and_ended(made: Desk) -> None:
    """Printed or written, never both; a name counts once; a scope that is none is refused with those there are."""
    assert "There are none." in made.run("token", "list", "--dir", "node").err
    shown = made.run("token", "create", "auditor", "--dir", "node", "--scope", "read", "--scope", "entries", "--json")
    assert shown.json["scopes"] == ["entries", "read"]
    assert "cannot be shown again" in shown.err
    written = made.run(
        "token", "create", "bank", "--dir", "node", "--scope", "submit", "--days", "2", "-o", "bank.token"
    )
    secret = (made.folder / "bank.token").read_text().strip()
    assert secret not in written.out + written.err
    assert stat.S_IMODE((made.folder / "bank.token").stat().st_mode) == 0o600
    for wrong, said in (
        (("auditor", "--scope", "read"), "auditor"),
        (("other", "--scope", "write"), "is no scope of a token"),
        (("other", "--scope", "read", "-o", "bank.token"), "bank.token"),
    ):
        assert said in made.run("token", "create", *wrong, "--dir", "node", code=2).err
    listed = made.run("token", "list", "--dir", "node")
    assert "auditor" in listed.out
    assert secret not in listed.out
    found = made.run("token", "list", "--dir", "node", "--json").json
    assert [(each["name"], each["ended"]) for each in found] == [("auditor", False), ("bank", False)]
    assert "opens nothing any more" in made.run("token", "revoke", "bank", "--dir", "node").out
    made.run("token", "revoke", "bank", "--dir", "node", code=2)
    assert "bank" not in made.run("token", "list", "--dir", "node").out
    made.run("token", "list", "--dir", "nowhere", code=30)
