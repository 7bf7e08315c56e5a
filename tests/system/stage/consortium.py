"""Nodes on CometBFT inside the test: real folders, stores and engines, each with its own process of the real engine."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_ledger.misbehaviour.double_vote import chain_id
from hanse_ledger.records.envelope import Signed
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_ledger.wire.membership import Cosigner, Parameters
from hanse_node.base.config import Comet, Config, KnownEngine, Limits
from hanse_node.base.folder import create_folder, open_folder
from hanse_node.base.receipts import Receipt
from hanse_node.comet.abci.admission import EngineBook
from hanse_node.comet.engine import CometEngine
from hanse_node.comet.place import CometPlace
from hanse_node.comet.program.home import NEAR, Settings, Validator, complete_home, create_engine_keys, write_genesis
from hanse_node.comet.program.sockets import leave_sockets, open_sockets
from hanse_node.lifecycle.recovery import start_ledger
from tests.system.stage.present import Present
from tests.world.node_ledger import GENESIS, digest

PATIENCE_S = 60
NAMES = ("bank", "chamber", "customs", "market")


def free_port() -> int:
    """Find a port that is free at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def seeds(name: str) -> tuple[bytes, bytes]:
    """Make the seeds of a node's log key and cosigning key."""
    return digest("log", name), digest("cosign", name)


def genesis_of(names: Sequence[str], quorum: int = 1) -> Genesis:
    """Make the genesis of a ledger with these cosigners. Without a front nodes cannot cosign: one is a quorum."""
    cosigners = tuple(
        Cosigner(
            cosigning_key=SigningKey(seeds(name)[1]).verify_key.encode(),
            id=name,
            log_key=SigningKey(seeds(name)[0]).verify_key.encode(),
            ml_dsa_key=None,
        )
        for name in names
    )
    parameters = Parameters(quorum=quorum, tag_epochs=GENESIS.membership.parameters.tag_epochs)
    return replace(GENESIS, membership=replace(GENESIS.membership, cosigners=cosigners, parameters=parameters))


class CometNode:
    """One node: its folder, and while it runs its store and its engine."""

    def __init__(self, path: Path, program: Path, chain: str, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self._program, self._chain = program, chain
        self._opened = ExitStack()

    def start(self) -> None:
        """Open the ledger and start the engine."""
        folder = self._opened.enter_context(open_folder(self.path, {}))
        self.store, self.signer = start_ledger(folder, Present.clock, alone=False)
        self._opened.callback(self.store.close)
        self._opened.callback(leave_sockets, self.path)
        comet = folder.config.comet
        settings = Settings(
            name=folder.config.cosigner,
            listen=comet.p2p,
            sockets=open_sockets(self.path),
            peers=(),
            timing=NEAR,
            one_machine=True,
        )
        self.engine = CometEngine(
            self.store,
            self.signer,
            bounds=self.limits,
            place=CometPlace(
                chain=self._chain,
                program=self._program,
                home=self.path / "comet",
                settings=settings,
                engines=EngineBook(self.path),
            ),
        )
        self._opened.callback(self.engine.stop)
        self.engine.start()

    def start_and_look(self) -> int:
        """Start it; give how many entries its ledger has."""
        self.start()
        return self.store.head.size

    def send(self, *batch: Signed) -> list[Receipt]:
        """Submit a batch and wait for its receipts."""
        return self.engine.submit(batch).result(PATIENCE_S)

    def close(self) -> None:
        """Stop everything; may be called twice."""
        self._opened.close()


def make_nodes(folder: Path, program: Path, present: Present, limits: Limits) -> list[CometNode]:
    """Create the folders of all cosigners of a ledger, on ports of this machine."""
    names = [each.id for each in present.genesis.membership.cosigners]
    keys = {name: (SigningKey(digest("validator", name)), SigningKey(digest("node", name))) for name in names}
    validators = [
        Validator(
            name=name, validator_key=keys[name][0].verify_key.encode(), node_key=keys[name][1].verify_key.encode()
        )
        for name in names
    ]
    p2p = {name: f"127.0.0.1:{free_port()}" for name in names}
    genesis = write_genesis(present.genesis, validators)
    nodes = []
    for validator in validators:
        name = validator.name
        log_seed, cosigning_seed = seeds(name)
        path = folder / name
        create_folder(
            path,
            present.genesis,
            log_seed=log_seed,
            cosigning_seed=cosigning_seed,
            config=Config(
                comet=Comet(p2p=p2p[name], one_machine=True),
                cosigner=name,
                engines={
                    each.node_id: KnownEngine(
                        address=p2p[each.name], member=each.name, validator_key=each.validator_key.hex()
                    )
                    for each in validators
                    if each.name != name
                },
                limits=limits,
            ),
        )
        create_engine_keys(path / "comet", *keys[name])
        complete_home(path / "comet", genesis)
        nodes.append(CometNode(path, program, chain_id(ledger_id(present.genesis)), limits))
    return nodes
