"""The key ring typed against a real node: a lost laptop, and what its owner still has."""

import os
import pty
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hanse_client.home.identity import Identity
from hanse_client.ring.recoverycodes import read_code
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def write_secret(folder: Path, name: str, words: str) -> str:
    """Write a file of mode 0600 with one line; give its name."""
    (folder / name).write_text(f"{words}\n")
    (folder / name).chmod(0o600)
    return name


def signed_files(home: Path) -> dict[str, bytes]:
    """Give the files of a home folder that a ring holds."""
    names = ("openings", "registered", "parties", "alike")
    return {str(path.relative_to(home)): path.read_bytes() for name in names for path in (home / name).glob("*.json")}


def test_whoever_loses_the_laptop_goes_on_with_the_printed_code(desk: Desk) -> None:
    """The code alone opens the backup: on another machine the same key signs, and the openings disclose."""
    status = desk.run("key", "status", who="seller")
    assert "in NO backup" in status.out
    assert "hanse key backup" in status.err
    made = desk.run("key", "backup", "-o", "ring.age", "--recovery-code", "--json", who="seller")
    code = made.json["recovery_code"]
    assert read_code(code) == code
    assert "it is not shown again" in made.err
    assert code not in made.err
    assert code.encode() not in b"".join(signed_files(desk.folder / "homes" / "seller").values())
    assert desk.run("key", "status", "--ask", "--json", who="seller").json["identities"][0]["in_backup"]

    write_secret(desk.folder, "code", code.lower().replace("-", " "))
    words = ("key", "recover", "ring.age", "--backup-passphrase-file", "code", "--home", "new", "--json")
    found = desk.run(*words, trusting=False).json
    (key,) = found["identities"].values()
    assert key == "new/keys/seller.pem"
    assert signed_files(desk.folder / "new") == signed_files(desk.folder / "homes" / "seller")
    fresh = ("--home", "new", "--identity", key, "--trust", "new/trust.json")
    shown = desk.run("key", "status", "--ask", *fresh, "--json", trusting=False).json
    assert [(each["encrypted"], each["stands"], each["in_backup"]) for each in shown["identities"]] == [
        (True, True, True)
    ]
    assert shown["newer"] == {}
    again = desk.run("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], *fresh, trusting=False)
    assert again.out == desk.ids["invoice"], "what stands is found: the home folder knows the file"
    proof = ("proof", desk.ids["invoice"], "--disclose", "BT-1", "-o", "shown.json", *fresh)
    desk.run(*proof, trusting=False)

    same = desk.run(*words, trusting=False).json
    assert (same["written"], same["stayed"]) == (0, [])


def test_a_mistyped_code_is_named_by_its_group(desk: Desk) -> None:
    """Before anything is opened the group is named; nothing is written."""
    made = desk.run("key", "backup", "-o", "typo.age", "--recovery-code", "--json", who="seller")
    parts = made.json["recovery_code"].split("-")
    parts[4] = f"{parts[4][1]}{parts[4][0]}{parts[4][2:]}" if parts[4][0] != parts[4][1] else f"{parts[4][:4]}?"
    write_secret(desk.folder, "typo", "-".join(parts))
    words = ("key", "recover", "typo.age", "--backup-passphrase-file", "typo", "--home", "never")
    assert "group 4 (" in desk.run(*words, code=2).err
    assert not (desk.folder / "never").exists()


def test_a_backup_takes_a_passphrase_from_a_file_and_replaces_nothing(desk: Desk) -> None:
    """A short one, one that others can read, and a file that is there already are refused by name."""
    seal = write_secret(desk.folder, "seal", "five words that nobody guesses")
    words = ("key", "backup", "-o", "kept.age", "--backup-passphrase-file")
    assert (
        "all the time to guess"
        in desk.run(*words, write_secret(desk.folder, "short", "secret"), who="seller", code=2).err
    )
    (desk.folder / "open").write_text("five words that nobody guesses\n")
    (desk.folder / "open").chmod(0o644)
    assert "chmod 600" in desk.run(*words, "open", who="seller", code=2).err
    assert not (desk.folder / "kept.age").exists()
    assert "files" in desk.run(*words, seal, who="seller").out
    assert "is there already" in desk.run(*words, seal, who="seller", code=2).err
    assert "--force" in desk.run(*words, seal, "--json", who="seller", code=2).json["error"]["action"]
    assert "no terminal to ask" in desk.run("key", "backup", "-o", "x.age", who="seller", code=2).err
    both = (*words, seal, "--recovery-code", "--force")
    assert "sealed to one thing" in desk.run(*both, who="seller", code=2).err
    wrong = write_secret(desk.folder, "wrong", "five words that somebody guesses")
    recover = ("key", "recover", "kept.age", "--home", "never", "--backup-passphrase-file")
    assert "the passphrase or code is another one's" in desk.run(*recover, wrong, code=2).err
    assert not (desk.folder / "never").exists()
    stream = ("key", "backup", "-o", "-", "--backup-passphrase-file", seal)
    assert "cannot be read back" in desk.run(*stream, who="seller", code=2).err
    (desk.folder / "with a blank.pem").write_bytes((desk.folder / "seller.pem").read_bytes())
    (desk.folder / "with a blank.pem").chmod(0o600)
    blank = ("--identity", "with a blank.pem", "--home", "blank", "--json")
    made = desk.run("key", "backup", "-o", "blank.age", "--backup-passphrase-file", seal, *blank)
    assert len(made.json["identities"]) == 1
    nobody = desk.run("key", "backup", "-o", "none.age", "--backup-passphrase-file", seal, code=2)
    assert "There is no identity to keep" in nobody.err


def test_a_backup_opens_what_it_keeps(desk: Desk) -> None:
    """An identity whose passphrase is wrong is no part of a backup: the command says so, and writes nothing."""
    Identity.generate("shut").save(desk.folder / "shut.pem", b"another one")
    seal = write_secret(desk.folder, "seal2", "five words that nobody guesses")
    words = ("key", "backup", "shut.pem", "-o", "shut.age", "--backup-passphrase-file", seal, "--home", "empty")
    assert "the passphrase is wrong" in desk.run(*words, code=2).err
    assert not (desk.folder / "shut.age").exists()


def test_a_key_that_was_rotated_away_is_told(desk: Desk) -> None:
    """Whoever recovers an old backup is told that the ledger has another key by now; a stranger's cannot be checked."""
    desk.enrol("turner", "buyer")
    Identity.generate("turner").save(desk.folder / "turner-2.pem", None)
    desk.run("key", "rotate", "turner-2.pem", who="turner")
    told = desk.run("key", "status", "--ask", who="turner", code=11)
    assert "NOT the key that counts now" in told.out
    new = desk.run("key", "status", "--ask", "--identity", "turner-2.pem", who="turner")
    assert "the key that counts now" in new.out
    Identity.generate("stranger").save(desk.folder / "stranger.pem", None)
    assert "could not be checked" in desk.run("key", "status", "--ask", who="stranger", code=20).out
    assert "member market" in desk.run("key", "status", "--ask", who="market").out
    away = desk.run("key", "status", "--ask", "--node", "http://127.0.0.1:9", "--json", who="seller", code=20).json
    assert away["identities"][0]["stands"] is None


def test_a_passphrase_is_asked_for_twice_at_a_terminal(desk: Desk) -> None:
    """At a terminal nothing is shown of what is typed, and two that differ make no backup."""
    environment = {**os.environ, **desk.environment("seller")}
    for second, code in (("not the same words at all", 2), ("five words that nobody guesses", 0)):
        words = ("key", "backup", "-o", "typed.age")
        answers = {"New passphrase for typed.age: ": "five words that nobody guesses", "The same again: ": second}
        told = _typed_at_a_terminal(desk, environment, words, answers)
        assert told[0] == code, told
        assert "The same again" in told[1]
        assert "nobody guesses" not in told[1]
        assert (desk.folder / "typed.age").exists() == (code == 0)


def test_a_pin_is_asked_for_at_a_terminal(desk: Desk, soft_tokens: Path) -> None:
    """Where no file has the PIN the terminal is asked, shows nothing of it, and a wrong one is said to be wrong."""
    uri = f"pkcs11:token=other;object=asked?module-path={soft_tokens}"
    environment = {**os.environ, **desk.environment("")}
    for pin, code in (("111111", 2), ("654321", 0)):
        words = ("key", "new", "typed-pin.pem", "--token", uri)
        told = _typed_at_a_terminal(desk, environment, words, {"PIN of the token 'other': ": pin})
        assert told[0] == code, told
        assert pin not in told[1]
        assert ("is wrong" in told[1]) == (code != 0)
    assert uri in (desk.folder / "typed-pin.pem").read_text()


def _typed_at_a_terminal(
    desk: Desk, environment: dict[str, str], words: tuple[str, ...], answers: dict[str, str]
) -> tuple[int, str]:
    """Run a command with a terminal of its own, and answer each question once; give exit code and what was shown."""
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("hanse")), *words],
        cwd=desk.folder,
        env=environment,
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    )
    os.close(inner)
    shown, left, until = "", dict(answers), time.monotonic() + 120
    while time.monotonic() < until:
        try:
            piece = os.read(outer, 4_096)
        except OSError:  # whoever wrote there has ended
            break
        if not piece:
            break
        shown += piece.decode(errors="replace")
        for question in [question for question in left if question in shown]:
            os.write(outer, f"{left.pop(question)}\n".encode())
    os.close(outer)
    return process.wait(60), shown


def test_a_half_recovered_home_is_opened_by_no_command(desk: Desk) -> None:
    """Every command that works with the home folder says what to do first."""
    home = desk.folder / "half"
    shutil.copytree(desk.folder / "homes" / "seller", home)
    (home / "recovering").write_text("of another ring")
    for words in (("invoice", "list"), ("key", "status"), ("key", "backup", "-o", "h.age", "--recovery-code")):
        told = desk.run(*words, "--home", "half", who="seller", code=2)
        assert "that was interrupted" in told.err
        assert "hanse key recover" in told.err


def test_a_ring_moves_to_another_device(desk: Desk) -> None:
    """The new device makes a key, the old one seals to it, the new one takes it once and asks the ledger."""
    wanted = desk.run("key", "move", "request", "--home", "device", "--json", trusting=False)
    device, fingerprint = wanted.json["device"], wanted.json["fingerprint"]
    assert desk.run("key", "move", "request", "--home", "device", trusting=False).out == device
    send = ("key", "move", "send", device, "-o", "moving.age")
    unasked = desk.run(*send, who="seller", code=2)
    assert fingerprint in unasked.err
    assert not (desk.folder / "moving.age").exists()
    desk.run(*send, "--yes", who="seller")
    receive = ("key", "move", "receive", "moving.age", "--home", "device", "--json")
    taken = desk.run(*receive, trusting=False)
    (key,) = taken.json["identities"].values()
    assert list(taken.json["ledger"].values()) == [f"party {desk.ids['seller']}: the key that counts now"]
    assert "hanse key rotate" in taken.err
    fresh = ("--home", "device", "--identity", key, "--trust", "device/trust.json")
    assert desk.run("invoice", "show", desk.ids["invoice"], *fresh, trusting=False).out
    assert desk.run("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], *fresh).out == desk.ids["invoice"]
    once = desk.run(*receive, trusting=False, code=2)
    assert "waits for no key ring" in once.err


def test_a_ring_for_another_device_is_refused(desk: Desk) -> None:
    """A device opens only what was sealed to its own key; a key that was not copied whole is named."""
    device = desk.run("key", "move", "request", "--home", "first", trusting=False).out
    desk.run("key", "move", "request", "--home", "second", trusting=False)
    cut = desk.run("key", "move", "send", device[:-1], "-o", "cut.age", "--yes", who="seller", code=2)
    assert "is no key of another device" in cut.err
    desk.run("key", "move", "send", device.upper(), "-o", "first.age", "--yes", who="seller")
    wrong = desk.run("key", "move", "receive", "first.age", "--home", "second", trusting=False, code=2)
    assert "sealed to another device's key" in wrong.err
    assert not (desk.folder / "second" / "keys").exists()
    gone = ("key", "move", "receive", "first.age", "--home", "first", "--node", "http://127.0.0.1:9")
    assert "could not be checked" in desk.run(*gone, trusting=False, code=20).err
    assert (desk.folder / "first" / "keys" / "seller.pem").exists()


def test_a_moved_key_that_was_rotated_away_is_told(desk: Desk) -> None:
    """The ring is taken all the same, and exit code 11 says that the ledger has another key by now."""
    desk.enrol("mover", "buyer")
    device = desk.run("key", "move", "request", "--home", "late", trusting=False).out
    desk.run("key", "move", "send", device, "-o", "late.age", "--yes", who="mover")
    Identity.generate("mover").save(desk.folder / "mover-2.pem", None)
    desk.run("key", "rotate", "mover-2.pem", who="mover")
    told = desk.run("key", "move", "receive", "late.age", "--home", "late", trusting=False, code=11)
    assert "NOT the key that counts now" in told.err


def test_an_officer_signs_with_a_key_in_a_token(desk: Desk, soft_tokens: Path) -> None:
    """The key is made in the token, its PIN stands in a file; the party is enrolled and signs with it."""
    pin = write_secret(desk.folder, "pin", "123456")
    uri = f"pkcs11:token=desk;object=officer;id=%42?module-path={soft_tokens}&pin-source=file:{desk.folder / pin}"
    made = desk.run("key", "new", "officer.pem", "--token", uri, "--json")
    assert "was made there" in made.err
    assert desk.run("key", "show", "officer.pem", "--json").json["public_key"] == made.json["public_key"]
    again = desk.run("key", "new", "again.pem", "--token", uri, "--json")
    assert "was there" in again.err
    assert again.json["public_key"] == made.json["public_key"]
    words = ("--member", "market", "--role", "buyer", "--term", "name=officer", "-o", "officer.request")
    party = desk.run("party", "request", *words, who="officer").out
    desk.run("party", "enrol", "officer.request", "--yes", who="market")
    issued = desk.run("invoice", "issue", "invoice.xml", "--buyer", party, "--again", who="seller").out
    assert desk.run("invoice", "accept", issued, "--yes", who="officer").out == issued
    assert "the key that counts now" in desk.run("key", "status", "--ask", who="officer").out

    office = desk.run("office", "open", who="chamber").out
    desk.run("key", "new", "clerk.pem", "--token", uri.replace("=officer;id=%42", "=clerk;id=%43"))
    desk.run("office", "appoint", office, "clerk.pem", "--power", "certify", who="chamber")
    signs = ("--identity", "clerk.pem", "--home", "counter")
    desk.run("office", "adopt", office, *signs)
    certified = desk.run("certificate", "issue", "certificate.json", "--exporter", desk.ids["seller"], *signs).out
    shown = desk.run("certificate", "show", certified, "--json").json
    assert shown["aspects"]["links"]["issuer"] == "chamber", "an officer's key in a token signs for the member"

    seal = write_secret(desk.folder, "sealt", "five words that nobody guesses")
    desk.run("key", "backup", "-o", "officer.age", "--backup-passphrase-file", seal, who="officer")
    recover = ("key", "recover", "officer.age", "--backup-passphrase-file", seal, "--home", "desk2", "--json")
    (kept,) = desk.run(*recover).json["identities"].values()
    assert uri in (desk.folder / kept).read_text()

    # In a process of its own: whoever has logged in to a token stays so while it runs.
    write_secret(desk.folder, "pin", "999999")
    hanse = str(Path(sys.executable).with_name("hanse"))
    wrong = subprocess.run(
        [hanse, "invoice", "refuse", issued, "--reason", "PRICE", "--identity", kept, "--party", party],
        cwd=desk.folder,
        env={**os.environ, **desk.environment("officer")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode == 2
    assert "The PIN of the token 'desk' is wrong." in wrong.stderr
    assert f"Correct {desk.folder / pin}." in wrong.stderr
    asked = uri.partition("&")[0]
    alone = desk.run("key", "new", "asked.pem", "--token", asked, code=2)
    assert "there is no terminal to ask" in alone.err
    gone = uri.replace("token=desk", "token=gone")
    assert "shows no tokens 'gone'" in desk.run("key", "new", "gone.pem", "--token", gone, code=2).err
    assert "names no key" in desk.run("key", "new", "x.pem", "--token", "pkcs11:token=a?module-path=/m.so", code=2).err


def test_a_seller_has_one_identity_for_each_buyer(desk: Desk) -> None:
    """Two buyers see two sellers; what is meant for one is signed by no other, and one backup has both."""
    home = ("--home", "twofold")
    sellers, buyers = {}, {}
    for name in ("for-a", "for-b"):
        Identity.generate(name).save(desk.folder / f"{name}.pem", None)
        assert desk.run("key", "add", f"{name}.pem", *home, "--json").json["name"] == name
        (desk.folder / f"{name}.pem").unlink()
        words = ("--member", "market", "--role", "seller", "--term", "name=Two", "-o", f"{name}.request")
        sellers[name] = desk.run("party", "request", "--identity", name, *words, *home).out
        desk.run("party", "enrol", f"{name}.request", "--yes", who="market")
        buyers[name] = desk.enrol(f"buyer-{name}", "buyer")
        desk.run("key", "use", name, "--buyer", buyers[name], *home)
    assert sellers["for-a"] != sellers["for-b"]
    for name, seller in sellers.items():
        issued = desk.run("invoice", "issue", "invoice.xml", "--buyer", buyers[name], "--again", *home).out
        shown = desk.run("invoice", "show", issued).out
        assert seller in shown
        assert not [other for other in sellers.values() if other != seller and other in shown]
    wrong = ("invoice", "issue", "invoice.xml", "--buyer", buyers["for-a"], "--again", "--identity", "for-b", *home)
    told = desk.run(*wrong, "--json", code=2).json["error"]
    assert "the identity 'for-a' is meant" in told["message"]
    assert "Nothing was sent" in told["action"]
    (desk.folder / "two").mkdir()
    (desk.folder / "two" / "one.xml").write_bytes((desk.folder / "invoice.xml").read_bytes())
    bulk = ("invoice", "issue", "--bulk", "two", "--buyer", buyers["for-a"], "--identity", "for-b", *home)
    assert "is meant" in desk.run(*bulk, "--json", code=2).out
    unknown = desk.run("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", *home, code=2)
    assert "No identity is meant for it: for-a, for-b" in unknown.err
    shown = desk.run("key", "status", *home, "--json").json
    assert shown["counterparties"] == {buyers[name]: name for name in sellers}
    seal = write_secret(desk.folder, "sealed-two", "five words that nobody guesses")
    desk.run("key", "backup", "-o", "two.age", "--backup-passphrase-file", seal, *home)
    desk.run("key", "recover", "two.age", "--backup-passphrase-file", seal, "--home", "twofold-again")
    again = desk.run("key", "status", "--home", "twofold-again", "--json").json
    assert again["counterparties"] == shown["counterparties"]
