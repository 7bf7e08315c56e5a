"""What members exchange to make a network, typed: their parts, the file of all, what others sent. No engine runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hanse_client.home.identity import Identity
from hanse_ledger.proofs.trustfile import read_trust
from tests.world.typed.desk import Desk, members_with_keys

KEYS = ("--key", "01" + "ab" * 32, "--spare", "01" + "cd" * 32)
PLACE = ("--url", "https://127.0.0.1:1", "--p2p", "127.0.0.1:2")
ROLES = {"bank": "bank", "chamber": "origin-issuer", "customs": "customs", "market": "marketplace"}


def refused(stand: Desk, *words: str, code: int = 2) -> dict[str, Any]:
    """Type a command that must end with a code; give its error."""
    error = stand.run(*words, "--json", code=code).json["error"]
    assert isinstance(error, dict)
    return error


def prepare(stand: Desk, name: str, role: str = "bank", keys: tuple[str, ...] = KEYS) -> Any:
    """Prepare a member's node in the folder of its name; give the answer."""
    words = ("network", "prepare", "--dir", name, "--member", name, "--name", f"The {name}", "--role", role)
    return stand.run(*words, *PLACE, *keys, "--json").json


@pytest.fixture
def four(stand: Desk) -> Desk:
    """Give the prepared nodes of four members, each in its folder."""
    for name, role in ROLES.items():
        first, second = (Identity.generate(name).public_key.hex() for _ in range(2))
        made = prepare(stand, name, role, ("--key", first, "--spare", second))
        assert b"PRIVATE" not in (stand.folder / made["part"]).read_bytes()
    return stand


def test_four_members_complete_their_nodes(four: Desk) -> None:
    """The parts put together once, each node completed for itself: one ledger, one trust file, a quorum of three."""
    parts = [f"{name}/member.json" for name in ROLES]
    together = four.run("network", "assemble", "--yes", *parts, "--name", "Four", "--out", "network.json", "--json")
    assert (together.json["quorum"], {each["id"] for each in together.json["members"]}) == (3, {*ROLES})
    assert "is reached at" in together.err
    again = four.run("network", "assemble", "--yes", *parts, "--name", "Four", "--out", "network.json", code=2)
    assert "A ledger is never replaced" in again.err
    for name in ROLES:
        joined = four.run("network", "join", "--yes", "network.json", "--dir", name)
        assert together.json["ledger"] in joined.out
        assert "3 of 4" in joined.out
        assert "Compare the fingerprint with every other member" in joined.err
    kept = {(four.folder / name / "trust.json").read_bytes() for name in ROLES}
    assert [read_trust(each).genesis.name for each in kept] == ["Four"]


def test_a_newcomer_is_known_and_forgotten(four: Desk) -> None:
    """A node takes up another member's, as an observer too, and forgets it; of its own it takes nothing."""
    parts = [f"{name}/member.json" for name in ROLES if name != "chamber"]
    four.run("network", "assemble", "--yes", *parts, "--name", "Three", "--out", "network.json")
    four.run("network", "join", "--yes", "network.json", "--dir", "bank")
    assert (
        "is of no other node"
        in refused(four, "network", "peer", "--yes", parts[0], "--dir", "bank", code=30)["message"]
    )
    known = four.run("network", "peer", "--yes", "--observer", "chamber/member.json", "--dir", "bank")
    assert "https://127.0.0.1:1" in known.out
    assert "Compare the fingerprint with chamber by telephone" in known.err
    assert "chamber" in (four.folder / "bank" / "node.toml").read_text()
    forgotten = four.run("network", "forget", "chamber", "--dir", "bank", "--json").json
    assert forgotten == {"member": "chamber", "engines": 1}
    assert "chamber" not in (four.folder / "bank" / "node.toml").read_text()
    assert (
        "knows no node of chamber" in refused(four, "network", "forget", "chamber", "--dir", "bank", code=30)["message"]
    )


def test_a_node_follows_a_ledger_that_runs(four: Desk) -> None:
    """With --follow one's own part need not be in the network's file; members admitted since are its peers too."""
    four.run("network", "assemble", "--yes", "market/member.json", "--name", "One", "--out", "network.json")
    words = ("network", "join", "--yes", "network.json", "--dir", "bank")
    assert "has not the part of bank" in refused(four, *words, code=30)["message"]
    addresses = ("--listen", "127.0.0.1:8081", "--peering", "127.0.0.1:8444", "--p2p", "127.0.0.1:26656")
    joined = four.run(*words, "--follow", "--snapshot", "--peer", "customs/member.json", *addresses)
    assert "hanse network prepare" not in joined.err
    settings = (four.folder / "bank" / "node.toml").read_text()
    assert all(word in settings for word in ("follow = true", "snapshot = true", "8081", "8444", "26656", "customs"))


def test_the_certificate_for_other_nodes_is_made_anew(four: Desk) -> None:
    """Its authority stays unless another is asked for; a folder that has none is refused."""
    four.run("network", "assemble", "--yes", "market/member.json", "--name", "One", "--out", "network.json")
    four.run("network", "join", "--yes", "network.json", "--dir", "market")
    files = [four.folder / "market" / "tls" / name for name in ("node.pem", "authority.pem")]
    before = [file.read_bytes() for file in files]
    assert four.run("node", "certificate", "--dir", "market", "--json").json["ends"].startswith("20")
    renewed = [file.read_bytes() for file in files]
    assert (renewed[0] != before[0], renewed[1] == before[1]) == (True, True)
    assert "authority" in four.run("node", "certificate", "--dir", "market", "--new-authority").out
    assert files[1].read_bytes() != before[1]
    assert refused(four, "node", "certificate", "--dir", "nowhere", code=30)["code"] == "node-failed"


def test_what_does_not_fit_is_refused(stand: Desk) -> None:
    """Names, addresses and keys that cannot be: each with what to do, and nothing is made."""
    good = {
        "--member": "x",
        "--name": "X",
        "--role": "bank",
        "--url": "https://x:1",
        "--p2p": "x:2",
        "--key": KEYS[1],
        "--spare": KEYS[3],
    }
    for option, wrong in (
        ("--member", "../x"),
        ("--name", ""),
        ("--url", "http://x:1"),
        ("--url", "https://x"),
        ("--p2p", "nowhere"),
        ("--key", "01ab"),
        ("--spare", "01ab"),
    ):
        changed = [word for pair in (good | {option: wrong}).items() for word in pair]
        assert refused(stand, "network", "prepare", "--dir", "wrong", *changed)["action"]
        assert not (stand.folder / "wrong").exists()
    left = [word for pair in good.items() if pair[0] != "--spare" for word in pair]
    assert "brings one key" in refused(stand, "network", "prepare", "--dir", "wrong", *left)["message"]


def test_parts_that_do_not_fit_are_refused(stand: Desk) -> None:
    """Parts twice, of the same keys or damaged, too few without a word, a network without one's own part."""
    for name in ("one", "two", "three"):
        prepare(stand, name)
    one, two, bad = "one/member.json", "two/member.json", "bad.json"
    (stand.folder / bad).write_bytes((stand.folder / "three" / "member.json").read_bytes()[:-2] + b" }")
    for other in (one, two, bad):
        words = ("network", "assemble", "--yes", one, other, "--name", "x", "--out", "wrong.json")
        assert "do not fit" in refused(stand, *words)["message"]
    unsaid = ("network", "assemble", one, two, "--name", "x", "--out", "wrong.json")
    assert "every change of the members needs all of them" in refused(stand, *unsaid)["message"]
    assert not (stand.folder / "wrong.json").exists()

    stand.run("network", "assemble", "--yes", one, "--name", "x", "--out", "net.json")
    join = ("network", "join", "--yes", "net.json", "--dir")
    assert "has not the part of two" in refused(stand, *join, "two", code=30)["message"]
    assert "no prepared node" in refused(stand, *join, "nowhere", code=30)["message"]
    assert "is no network" in refused(stand, "network", "join", "--yes", one, "--dir", "one")["message"]
    assert "is no part" in refused(stand, "network", "peer", "--yes", "net.json", "--dir", "one")["message"]
    assert "holds no node" in refused(stand, "network", "peer", "--yes", two, "--dir", "nowhere", code=30)["message"]
    stand.run(*join, "one")
    refused(stand, *join, "one", code=30)


def test_what_others_sent_is_agreed_to(stand: Desk) -> None:
    """Without a terminal and --yes nothing is taken, and what would be is shown; a part that injects is refused."""
    prepare(stand, "one")
    part = stand.folder / "one" / "member.json"
    words = ("network", "assemble", "one/member.json", "--name", "x", "--out", "net.json")
    assert "--yes" in refused(stand, *words)["action"]
    assert not (stand.folder / "net.json").exists()
    stand.run(*words, "--yes")
    for command in (
        ("network", "join", "net.json", "--dir", "one"),
        ("network", "peer", "one/member.json", "--dir", "one"),
    ):
        assert "--yes" in refused(stand, *command)["action"]
    assert not (stand.folder / "one" / "node.toml").exists()

    own, bad = part.read_bytes(), ("network", "assemble", "--yes", "one/member.json", "--out", "bad.json", "--name")
    for field, was, now in (
        ("p2p", b"127.0.0.1:2", rb"127.0.0.1:2\"\ntest_fuzz = true\n[instrumentation]\nprometheus = true\n#"),
        ("name", b'"The one"', rb'"One\nfingerprint  0123 4567"'),
        ("url", b"https://127.0.0.1:1", rb"https://127.0.0.1:1\u001b[2J"),
    ):
        assert was in own, field
        part.write_bytes(own.replace(was, now))
        assert field in refused(stand, *bad, "x")["message"]
        assert not (stand.folder / "bad.json").exists()
    part.write_bytes(own)
    for name in ("two\nlines", "two  spaces", "\u202eturned", " "):
        refused(stand, *bad, name)


def test_a_whole_network_is_made_on_one_machine(
    stand: Desk, require_tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder and an address for each member, one trust file, a quorum of more than two thirds; never twice."""
    monkeypatch.setenv("PATH", str(require_tool("cometbft").parent), prepend=":")
    words = ("network", "create", members_with_keys(stand.folder, "a", "b", "c", "d"), "--dir", "net")
    made = stand.run(*words, "--wan", "--json")
    assert (made.json["quorum"], [each["member"] for each in made.json["nodes"]]) == (3, ["a", "b", "c", "d"])
    assert len({each["url"] for each in made.json["nodes"]}) == 4
    assert "hanse network up --dir net" in made.err
    assert read_trust((stand.folder / "net" / "trust.json").read_bytes()).ledger.hex() == made.json["ledger"]
    assert "A ledger is never replaced" in stand.run(*words, code=2).err
    shown = stand.run(*words[:3], "--dir", "other").out
    assert "3 of 4" in shown
    assert "other/d" in shown


def test_the_engine_s_program_is_looked_at_before_it_is_taken(
    stand: Desk, require_tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CometBFT of the right version is put where it is told, and pinned by a node; another program is not."""
    program = require_tool("cometbft")
    placed = stand.run("engine", "install", "--from", str(program), "--to", "programs", "--json").json
    assert (stand.folder / placed["program"]).read_bytes() == program.read_bytes()
    (stand.folder / "false").write_text("#!/bin/sh\nexit 1\n")
    (stand.folder / "false").chmod(0o700)
    refused(stand, "engine", "install", "--from", "false", "--to", "others", code=30)
    assert not (stand.folder / "others" / "cometbft").exists()
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    stand.run("network", "create", members_with_keys(stand.folder, "a", "b", "c", "d"), "--dir", "net")
    assert placed["sha256"] in stand.run("engine", "pin", "--dir", "net/a").out
    refused(stand, "engine", "pin", "--dir", "nowhere", code=30)


def test_a_network_s_nodes_are_named_or_missing(stand: Desk) -> None:
    """`network up` in a folder without nodes says how to make one, and starts nothing."""
    assert "holds no nodes" in stand.run("network", "up", "--dir", "nowhere", code=2).err
