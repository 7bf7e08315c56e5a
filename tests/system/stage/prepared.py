"""Members that make their nodes apart, by the commands that their operators use, on ports of this machine."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import sleep
from typing import Any

from hanse_client import Client, Identity
from hanse_client.base.clock import now_ms
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from tests.system.stage.consortium import free_port
from tests.system.stage.consortium_processes import Node
from tests.system.stage.processes import said

ROLES = {"bank": "bank", "chamber": "origin-issuer", "customs": "customs", "market": "marketplace"}
PATIENCE_MS = 90_000
PAUSE_S = 0.2


class Members:
    """Prepared folders, each named as its member, and what joins them."""

    def __init__(self, folder: Path, program: Path, stack: ExitStack) -> None:
        self.folder, self._program, self._stack = folder, program, stack
        self.secret = folder / "passphrase"
        self.secret.write_text("a passphrase of this test\n")
        self.secret.chmod(0o600)
        self.network = folder / "network.json"
        self.nodes: dict[str, Node] = {}

    def prepare(self, name: str, role: str, folder: str = "", keys: Sequence[str] = ()) -> Path:
        """Make a member's keys, unless it brings both, and its part; give the part."""
        tls, p2p = free_port(), free_port()
        own = ("--key", keys[0], "--spare", keys[1]) if keys else ("--passphrase-file", self.secret)
        made = said(
            *("network", "prepare", "--dir", self.folder / (folder or name), "--member", name, "--name", f"The {name}"),
            *("--role", role, "--url", f"https://127.0.0.1:{tls}", "--p2p", f"127.0.0.1:{p2p}", *own),
        )
        assert b"PRIVATE" not in Path(made["part"]).read_bytes()
        return Path(made["part"])

    def found(self, roles: Mapping[str, str] = ROLES) -> Any:
        """Prepare the founders, put their parts together, and complete their nodes."""
        parts = [self.prepare(name, role) for name, role in roles.items()]
        together = said("network", "assemble", "--yes", *parts, "--name", "Four", "--out", self.network)
        for name in roles:
            joined = self.join(name)
            assert joined["ledger"] == together["ledger"]
        return together

    def join(self, folder: str, *words: object) -> Any:
        """Complete a prepared node."""
        own = free_port()
        listening = ("--listen", f"127.0.0.1:{own}")
        answer = said("network", "join", "--yes", self.network, "--dir", self.folder / folder, *listening, *words)
        self.nodes[folder] = Node(self.folder / folder, f"http://127.0.0.1:{own}", self._program)
        return answer

    def start(self, *folders: str) -> None:
        """Start nodes, and wait until they take records."""
        for name in folders:
            node = self.nodes[name]
            self._stack.callback(node.kill, node=True, engine=True)
            node.start()
            self._stack.callback(node.stop)
        self.settle(lambda: all(self.nodes[name].ready() for name in folders))

    def settle(self, wanted: Callable[[], bool]) -> None:
        """Wait until something is so."""
        until = now_ms() + PATIENCE_MS
        while not wanted():
            assert now_ms() < until, {name: node.head() for name, node in self.nodes.items()}
            sleep(PAUSE_S)

    def agree(self, *names: str) -> bool:
        """Tell whether these nodes show the same state, whosever head it is."""
        heads = [self.nodes[name].head() for name in names]
        return all(heads) and len({(head.size, head.root) for head in heads if head is not None}) == 1

    def identity(self, name: str, kind: str = "members") -> Identity:
        """Open a member's identity, or its second one: `spare`."""
        path = self.folder / name / "keys" / kind / f"{name}.pem"
        return Identity.load(path, self.secret.read_bytes().strip())

    def signing(self, name: str, node: str) -> Sequence[object]:
        """Give the options of a command that a member signs, at a node."""
        return (
            *("--node", self.nodes[node].url, "--trust", self.folder / "market" / "trust.json"),
            *("--home", self.folder / "homes" / name, "--passphrase-file", self.secret),
            *("--identity", self.folder / name / "keys" / "members" / f"{name}.pem"),
        )

    @property
    def trust(self) -> TrustFile:
        """The trust file of the beginning."""
        return read_trust((self.folder / "market" / "trust.json").read_bytes())

    def client(self, name: str, *nodes: str, quorum: int | None = None) -> Client:
        """Open a client of a member that knows the ledger's beginning."""
        return Client(
            [self.nodes[each].url for each in nodes],
            identity=self.identity(name),
            trust=self.trust,
            home=self.folder / "homes" / f"sdk-{name}",
            timeout_ms=60_000,
            quorum=quorum,
        )
