"""A consortium of real processes: each node run by itself, as an operator's service would, killed and started again."""

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import httpx2
import msgspec

from hanse_cli.folders.corridor import Plan, PlannedMember
from hanse_cli.with_node.networks import MadeNetwork, make_network
from hanse_ledger.records.entry import RECORD
from hanse_ledger.records.envelope import Signed
from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.membership import MemberRole
from hanse_node.base.folder import open_folder
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.store.entries import read_record_id, read_type
from tests.system.stage.present import Present
from tests.system.stage.processes import BATCH, children_of, environment, hanse
from tests.world.node_ledger import MARKET, key_of, look, public
from tests.world.tokens import keep_tokens, token_of

NAMES = ("bank", "chamber", "customs", "market")
PATIENCE_S = 90
BATCH_RECORDS = 20
TOKEN = "a-token-of-these-tests-0123456789abcdef"
READER = "a-token-of-another-reader-0123456789ab"
HEADERS = {"content-type": BATCH, "authorization": f"Bearer {TOKEN}"}


class Node:
    """A member's node: its folder, and its process while it runs."""

    def __init__(self, folder: Path, url: str, program: Path, before: Sequence[str] = ()) -> None:
        self.folder, self.url, self._before = folder, url, before
        self.environment = {**environment(), "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait for nothing."""
        with (self.folder / "node.log").open("ab") as messages:
            self.process = subprocess.Popen(
                [*self._before, *hanse("node", "run", "--dir", self.folder)],
                stdout=subprocess.DEVNULL,
                stderr=messages,
                env=self.environment,
            )

    @property
    def engine(self) -> int | None:
        """The number of the engine's process, while it runs."""
        for number in [] if self.process is None else children_of(self.process.pid):
            try:
                words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
            except FileNotFoundError:
                continue
            if words[0].endswith(b"cometbft"):
                return number
        return None

    def has_engine(self) -> bool:
        """Tell whether its engine runs."""
        return self.engine is not None

    def kill(self, *, node: bool, engine: bool) -> None:
        """Kill the node, its engine, or both, without warning."""
        number = self.engine
        if node and self.process is not None:
            self.process.kill()
            self.process.wait()
        if engine and number is not None:
            with suppress(ProcessLookupError):  # it may have ended by itself meanwhile
                os.kill(number, signal.SIGKILL)

    def stop(self) -> None:
        """Stop it as a service is stopped."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                assert self.process.wait(PATIENCE_S) == 0
            finally:
                self.process.kill()

    def head(self) -> Checkpoint | None:
        """Ask for the newest head that a quorum has signed; nothing while it shows none."""
        try:
            answer = httpx2.get(f"{self.url}/log/checkpoint", timeout=10)
        except httpx2.TransportError:
            return None
        return parse_checkpoint(parse_note(answer.content).text) if answer.status_code == httpx2.codes.OK else None

    def logged(self, message: str) -> int:
        """Count how often a message stands in its log."""
        lines = (self.folder / "node.log").read_text().splitlines()
        return sum(json.loads(line)["message"] == message for line in lines if line.startswith("{"))

    def ready(self) -> bool:
        """Tell whether it takes records."""
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=10).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False


class Consortium:
    """Four members on one machine."""

    def __init__(
        self, folder: Path, program: Path, made: MadeNetwork, before: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.folder, self.made = folder, made
        self.nodes = {
            each.member: Node(Path(each.folder), each.url, program, (before or {}).get(each.member, ()))
            for each in made.nodes
        }
        self.present = Present(made.genesis, began=True)

    def settle(self, wanted: Callable[[], bool]) -> float:
        """Wait until something is so; give how many seconds that took."""
        begun = monotonic()
        while not wanted():
            assert monotonic() < begun + PATIENCE_S, {name: node.head() for name, node in self.nodes.items()}
            sleep(0.1)
        return monotonic() - begun

    def agree(self, names: Sequence[str] = NAMES) -> bool:
        """Tell whether these nodes show the same head."""
        heads = [self.nodes[name].head() for name in names]
        return all(head is not None for head in heads) and len({(each.size, each.root) for each in heads if each}) == 1


@contextmanager
def consortium(
    folder: Path,
    program: Path,
    *,
    hosts: Mapping[str, str] | None = None,
    before: Mapping[str, Sequence[str]] | None = None,
    wide: bool = False,
) -> Iterator[Consortium]:
    """Make four nodes and start them; whatever happens, none of their processes is left.

    Args:
        folder: where.
        program: CometBFT.
        hosts: each node's address, by default loopback.
        before: words before each node's command, such as those that enter a namespace.
        wide: whether they wait as long as between continents.
    """
    roles = (MemberRole.BANK, MemberRole.ORIGIN_ISSUER, MemberRole.CUSTOMS, MemberRole.MARKETPLACE)
    keys = {"market": (public(MARKET).hex(), public(key_of("market spare")).hex())}
    members = tuple(
        PlannedMember(
            id=name, name=name, roles=(role,), key=keys.get(name, (None,))[0], spare=keys.get(name, (None,))[-1]
        )
        for name, role in zip(NAMES, roles, strict=True)
    )
    made = make_network(Plan(name="four", operator="market", members=members), folder, hosts=hosts, wide=wide)
    found = Consortium(folder, program, made, before)
    for node in found.nodes.values():
        # Asked for on every address but loopback.
        tokens = node.folder / "keys" / "tokens"
        keep_tokens(tokens, token_of(TOKEN), token_of(READER, "reader"))
    with ExitStack() as stack:
        for node in found.nodes.values():
            stack.callback(node.kill, node=True, engine=True)
            node.start()
        yield found


class Load:
    """Sends invoices to nodes in turn until it is stopped, and remembers which were acknowledged."""

    def __init__(self, found: Consortium) -> None:
        self._found = found
        self.acknowledged: list[Signed] = []
        self.seen = Counter[str]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)

    def more_than(self, count: int) -> bool:
        """Tell whether more than so many records are acknowledged."""
        return len(self.acknowledged) > count

    def _run(self) -> None:
        turn = 0
        while not self._stop.is_set():
            batch = self._found.present.invoices(BATCH_RECORDS)
            # Not acknowledged is sent again, to another node: ids make that harmless.
            while not self._stop.is_set():
                node = list(self._found.nodes.values())[turn % len(self._found.nodes)]
                turn += 1
                if send(node.url, batch, self.seen):
                    self.acknowledged += batch
                    break


def send(url: str, batch: Sequence[Signed], seen: Counter[str] | None = None, timeout: float = 20) -> bool:
    """Send a batch to a node; tell whether every record of it is acknowledged."""
    data = msgspec.msgpack.encode([encode(each.envelope) for each in batch])
    try:
        answer = httpx2.post(f"{url}/v1/records", content=data, headers=HEADERS, timeout=timeout)
    except httpx2.TransportError:
        return False
    if answer.status_code != httpx2.codes.OK:
        return False
    outcomes = [each["outcome"] for each in answer.json()["results"]]
    if seen is not None:
        seen.update(outcomes)
    return all(each in ("created", "exists") for each in outcomes)


def judge(found: Consortium, acknowledged: Sequence[Signed]) -> None:
    """Insist that every node, stopped now, holds all that was acknowledged once, the same log, and passes an audit."""
    for node in found.nodes.values():
        node.stop()
    roots = set()
    for name, node in found.nodes.items():
        with open_folder(node.folder, {}) as folder:
            store, _ = start_ledger(folder, Present.clock, alone=False)
            stand = Counter[bytes]()
            for start in range(0, store.head.size, 1_000):
                for data in look(store).entries(start, start + 1_000):
                    if read_type(data) == RECORD:
                        stand[read_record_id(data)] += 1
            roots.add((store.head.size, store.head.root))
            store.close()
        assert set(stand.values()) == {1}, name
        assert [signed.id.hex() for signed in acknowledged if signed.id not in stand] == [], name
        audited = subprocess.run(
            hanse("log", "verify", "--dir", node.folder, "--json"),
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
        )
        assert audited.returncode == 0, (name, audited.stdout)
        assert json.loads(audited.stdout)["size"] == store.head.size
    assert len(roots) == 1
