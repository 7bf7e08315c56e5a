"""A folder in which somebody types `hanse` against a real node on loopback: commands and node in this very process.

The system tests have the same desk with processes (`tests/system/stage/desk.py`), where a process is what is tried.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from contextvars import ContextVar
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hanse_cli.base.background import clean_environment
from hanse_cli.main import run
from hanse_client.home.identity import Identity
from hanse_documents.samples import NAMES, sample
from hanse_ledger.proofs.trustfile import write_trust
from hanse_ledger.wire.genesis import ledger_id
from hanse_node.base.config import Config, Limits
from hanse_node.base.folder import create_folder
from hanse_node.main import run_node
from tests.world.sdk_node import COSIGNING_SEED, LOG_SEED, NodeCorridor

MEMBERS = """
name = "Hangzhou to Antwerp"
operator = "market"
""" + "".join(
    f'[[members]]\nid = "{name}"\nname = "The {name}"\nroles = ["{role}"]\n'
    for name, role in (
        ("market", "marketplace"),
        ("chamber", "origin-issuer"),
        ("customs", "customs"),
        ("bank-a", "bank"),
        ("bank-b", "bank"),
    )
)

BANKS = ("--payer-bank", "bank-b", "--payee-bank", "bank-a")
WAIT_SECONDS = 30


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stands on stdout, as the one JSON document."""
        return json.loads(self.out)


Start = Callable[[Path, Mapping[str, str], Sequence[str]], Ended]
"""Starts `hanse` with words in a folder and an environment, and waits for its end."""


class _Terminal(StringIO):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        """Say so."""
        return True


_typing: ContextVar[StringIO | None] = ContextVar("typing", default=None)


@contextmanager
def at_a_terminal(lines: str) -> Iterator[None]:
    """Have somebody sit at a terminal, who answers with these lines what commands ask meanwhile."""
    token = _typing.set(_Terminal(lines))
    try:
        yield
    finally:
        _typing.reset(token)


def type_here(folder: Path, environment: Mapping[str, str], words: Sequence[str]) -> Ended:
    """Run `hanse` in this process, as `main` does: in that folder, with that environment."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "stdin", _typing.get() or StringIO())
        for name in [name for name in os.environ if name.startswith("HANSE_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        code = run(words)
    return Ended(code, out.getvalue().strip(), err.getvalue().strip())


class Desk:
    """A folder with a node, its trust file, everybody's keys and the documents; `run` types a command in it."""

    def __init__(self, folder: Path, start: Start = type_here) -> None:
        self.folder, self._start = folder, start
        self.url = ""
        self.ids: dict[str, str] = {}
        (folder / "passphrase").write_text("correct horse\n")
        (folder / "passphrase").chmod(0o600)
        (folder / "members.toml").write_text(MEMBERS)
        for name in NAMES:
            (folder / name).write_bytes(sample(name))

    def run(self, *words: str, who: str = "", code: int = 0, trusting: bool = True) -> Ended:
        """Run `hanse`; `who` signs and has a home of its own. It must end with `code`, and never by a traceback."""
        ended = self._start(self.folder, self.environment(who, trusting=trusting), words)
        assert ended.code == code, f"{words}: {ended.code}\n{ended.out}\n{ended.err}"
        assert "Traceback" not in ended.err
        return ended

    def environment(self, who: str, *, trusting: bool = True) -> dict[str, str]:
        """Give what a command finds around it."""
        environment = {**clean_environment(), "HANSE_PASSPHRASE_FILE": str(self.folder / "passphrase")}
        if self.url:
            environment["HANSE_NODE"] = self.url
        if self.url and trusting:
            environment["HANSE_TRUST"] = str(self.folder / "trust.json")
        if who:
            member = self.folder / "node" / "keys" / "members" / f"{who}.pem"
            environment["HANSE_IDENTITY"] = str(member if member.exists() else self.folder / f"{who}.pem")
        environment["HANSE_HOME"] = str(self.folder / "homes" / (who or "reader"))
        return environment

    def enrol(self, name: str, role: str) -> str:
        """Make a key that is not encrypted, for a passphrase costs its time, and have the market enrol the party."""
        Identity.generate(name).save(self.folder / f"{name}.pem", None)
        words = ("--member", "market", "--role", role, "--term", f"name={name}", "-o", f"{name}.request")
        foreseen = self.run("party", "request", *words, who=name).out
        assert self.run("party", "enrol", f"{name}.request", "--yes", who="market").out == foreseen
        return foreseen

    def begin(self) -> None:
        """Enrol a seller and a buyer, and have the seller issue an invoice."""
        self.ids["seller"], self.ids["buyer"] = self.enrol("seller", "seller"), self.enrol("buyer", "buyer")
        self.ids["invoice"] = self.issue()

    def issue(self) -> str:
        """Have the seller issue an invoice to the buyer; give its id."""
        return self.run("invoice", "issue", "invoice.xml", "--buyer", self.ids["buyer"], "--again", who="seller").out


def make_node_here(folder: Path, corridor: NodeCorridor) -> Path:
    """Create the folder of a node that verifies in threads alone, so that it starts no process; give the folder."""
    config = Config(cosigner="market", limits=Limits(verify_processes=0))
    create_folder(folder, corridor.genesis, log_seed=LOG_SEED, cosigning_seed=COSIGNING_SEED, config=config)
    return folder


@contextmanager
def node_here(folder: Path) -> Iterator[str]:
    """Run the node of a folder in a thread, on a free port of loopback, and give its URL; its log goes beside it."""
    told: queue.Queue[str | BaseException] = queue.Queue()
    stop = threading.Event()

    def serve() -> None:
        try:
            run_node(folder, host="127.0.0.1", port=0, ready=told.put, stop=stop)
        except BaseException as error:  # noqa: BLE001 (whoever waits for the node is told)
            told.put(error)

    thread = threading.Thread(target=serve, name="node")
    # A node makes its process its own: what concerns others here is as it was, in the end.
    umask, pace = os.umask(0o077), sys.getswitchinterval()
    try:
        with folder.with_name(f"{folder.name}.log").open("w", encoding="utf-8") as log:
            with redirect_stderr(log):
                thread.start()
                found = told.get(timeout=WAIT_SECONDS)
            if isinstance(found, BaseException):
                raise found
            try:
                yield found
            finally:
                stop.set()
                thread.join(WAIT_SECONDS)
                assert not thread.is_alive()
    finally:
        os.umask(umask)
        sys.setswitchinterval(pace)


@contextmanager
def open_desk_here(folder: Path) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice. No key in it is encrypted."""
    desk, corridor = Desk(folder), NodeCorridor("Hangzhou to Antwerp")
    node = make_node_here(folder / "node", corridor)
    for kind, identities in (("members", corridor.members), ("spare", corridor.spares)):
        (node / "keys" / kind).mkdir(mode=0o700)
        for name, identity in identities.items():
            identity.save(node / "keys" / kind / f"{name}.pem", None)
    for place in (folder, node):
        (place / "trust.json").write_bytes(write_trust(corridor.genesis))
        (place / "trust.json").chmod(0o600)
    desk.ids["ledger"] = ledger_id(corridor.genesis).hex()
    with node_here(node) as url:
        desk.url = url
        desk.begin()
        yield desk


def members_with_keys(folder: Path, *names: str) -> str:
    """Write a list of members who bring their own keys: nothing is encrypted for them; give its name."""
    lines = ['name = "Corridor"', f'operator = "{names[0]}"']
    for name in names:
        first, second = (Identity.generate(name).public_key.hex() for _ in range(2))
        lines += ["[[members]]", f'id = "{name}"', f'name = "The {name}"', 'roles = ["bank"]']
        lines += [f'key = "{first}"', f'spare = "{second}"']
    (folder / "own.toml").write_text("\n".join(lines))
    return "own.toml"


def foreign_trust(folder: Path) -> str:
    """Write the trust file of another ledger into a folder, foreign.json, and give that ledger's id."""
    genesis = NodeCorridor("another corridor").genesis
    (folder / "foreign.json").write_bytes(write_trust(genesis))
    return ledger_id(genesis).hex()


def type_whole_trade(desk: Desk) -> None:
    """Type a trade from the invoice to the payment, prove it, and take the certificate back."""
    invoice = desk.run("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", who="seller").out
    desk.run("invoice", "accept", invoice, "--yes", who="buyer")
    certificate = desk.run(
        "certificate", "issue", "certificate.json", "--exporter", desk.ids["seller"], who="chamber"
    ).out
    for regime, who in (("export", "seller"), ("import", "buyer")):
        words = ("--customs", "customs", "--regime", regime, "--invoice", invoice, "--certificate", certificate)
        declaration = desk.run("declaration", "lodge", *words, who=who).out
        desk.run("declaration", "release", declaration, who="customs")
        assert desk.run("declaration", "show", declaration, "--json").json["state"] == "released"
    drawn = desk.run("certificate", "show", certificate, "--json").json["declarations"]
    assert {(each["regime"], each["state"]) for each in drawn} == {("export", "released"), ("import", "released")}
    assert declaration in {each["declaration"] for each in drawn}
    assert f"declaration {declaration}" in desk.run("certificate", "show", certificate).out
    words = ("--customs", "customs", "--regime", "import", "--invoice", invoice, "--certificate", certificate)
    used_up = desk.run("declaration", "lodge", *words, who="buyer", code=2).err
    assert f"hanse certificate show {certificate}" in used_up
    payment = desk.run("payment", "instruct", "pacs008.xml", "--invoice", invoice, *BANKS, who="buyer").out
    desk.run("payment", "confirm", payment, "camt054.xml", who="bank-a")
    assert desk.run("invoice", "show", invoice, "--json").json["aspects"]["amounts"]["settled_minor"] == 515_000

    shown = ("-o", "trade.hanse", "--disclose", f"{invoice}:BT-1,BT-113,BT-115")
    made = desk.run("proof", certificate, invoice, payment, *shown, who="seller")
    assert made.out == "trade.hanse"
    assert "Shown as not stated: BT-113" in made.err
    desk.run("proof", certificate, "-o", "trade.hanse", who="seller", code=2)
    report = desk.run("verify", "trade.hanse", "--offline", "--json").json
    assert report["verdict"] == "valid"
    assert {(term["name"], term["value"]) for term in report["terms"]} == {
        ("BT-1", "QW-2026-0917"),
        ("BT-113", None),
        ("BT-115", "5150.00"),
    }
    assert "It still held" in desk.run("verify", "trade.hanse").err

    # The file stays sound; whoever asks the node learns that the certificate has been taken back since.
    desk.run("certificate", "revoke", certificate, "--reason", "issued-in-error", who="chamber")
    desk.run("payment", "return", payment, "--reason", "AC04", who="bank-a")
    assert desk.run("verify", "trade.hanse", "--offline").code == 0
    late = desk.run("verify", "trade.hanse", "--json", code=11).json
    assert late["verdict"] == "revoked"
    assert late["detail"].startswith("since the file was made")
