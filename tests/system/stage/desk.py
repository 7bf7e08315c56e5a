"""A folder in which somebody types `hanse`, as a user would, against a real node."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hanse_cli.base.background import clean_environment, running_node
from hanse_documents.samples import NAMES, sample

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


class Ended:
    """How a command ended."""

    def __init__(self, ended: "subprocess.CompletedProcess[str]") -> None:
        self.code, self.out, self.err = ended.returncode, ended.stdout.strip(), ended.stderr.strip()

    @property
    def json(self) -> Any:
        """What stands on stdout, as the one JSON document."""
        return json.loads(self.out)


class Desk:
    """A folder with a node, its trust file, everybody's keys and the documents; `run` types a command in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.ids: dict[str, str] = {}
        (folder / "passphrase").write_text("correct horse\n")
        (folder / "passphrase").chmod(0o600)
        (folder / "members.toml").write_text(MEMBERS)
        for name in NAMES:
            (folder / name).write_bytes(sample(name))

    def run(self, *words: str, who: str = "", code: int = 0, trusting: bool = True) -> Ended:
        """Run `hanse`; `who` signs and has a home of its own. It must end with `code`, and never by a traceback."""
        environment = self.environment(who, trusting=trusting)
        ended = Ended(
            subprocess.run(
                [sys.executable, "-m", "hanse_cli.main", *words],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        )
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
        """Make a key and a request, and have the market enrol the party."""
        self.run("key", "new", f"{name}.pem")
        words = ("--member", "market", "--role", role, "--term", f"name={name}", "-o", f"{name}.request")
        foreseen = self.run("party", "request", *words, who=name).out
        assert self.run("party", "enrol", f"{name}.request", "--yes", who="market").out == foreseen
        return foreseen


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    desk = Desk(folder)
    made = desk.run("node", "init", "--dir", "node", "--members", "members.toml", "--json").json
    shutil.copy(folder / "node" / "trust.json", folder / "trust.json")
    desk.ids["ledger"] = made["ledger"]
    with running_node(folder / "node", folder / "node.log") as node:
        desk.url = node.url
        desk.ids["seller"], desk.ids["buyer"] = desk.enrol("seller", "seller"), desk.enrol("buyer", "buyer")
        desk.ids["invoice"] = desk.run(
            "invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", who="seller"
        ).out
        yield desk
