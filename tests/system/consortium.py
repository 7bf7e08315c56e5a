"""Nodes on CometBFT inside the test: real folders, stores and engines, each with its own process of the real engine."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_ledger.doublevote import chain_id
from hanse_ledger.envelope import Signed
from hanse_ledger.membership import Cosigner, Parameters
from hanse_ledger.trust import Genesis, ledger_id
from hanse_node.config import Config, Limits
from hanse_node.engine.comet.engine import CometEngine, CometPlace
from hanse_node.engine.comet.home import (
    NEAR,
    Validator,
    complete_home,
    create_engine_keys,
    write_genesis,
    write_settings,
)
from hanse_node.engine.receipts import Receipt
from hanse_node.folder import create_folder, open_folder
from hanse_node.store.recovery import start_ledger
from tests.node_ledger import GENESIS, digest
from tests.system.present import Present

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

    def __init__(self, path: Path, program: Path, chain: str, rpc: int, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self._program, self._chain, self._rpc = program, chain, rpc
        self._opened = ExitStack()

    def start(self) -> None:
        """Open the ledger and start the engine."""
        folder = self._opened.enter_context(open_folder(self.path, {}))
        self.store, self.signer = start_ledger(folder, Present.clock, alone=False)
        self._opened.callback(self.store.close)
        self.engine = CometEngine(
            self.store,
            self.signer,
            bounds=self.limits,
            place=CometPlace(
                chain=self._chain,
                program=self._program,
                home=self.path / "comet",
                socket=self.path / "abci.sock",
                rpc=f"http://127.0.0.1:{self._rpc}",
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
    p2p, rpc = {name: free_port() for name in names}, {name: free_port() for name in names}
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
            config=Config(cosigner=name, limits=limits),
        )
        settings = write_settings(
            name=name,
            p2p=f"127.0.0.1:{p2p[name]}",
            rpc=f"127.0.0.1:{rpc[name]}",
            application=path / "abci.sock",
            peers=[f"{each.node_id}@127.0.0.1:{p2p[each.name]}" for each in validators if each.name != name],
            timing=NEAR,
            one_machine=True,
        )
        create_engine_keys(path / "comet", *keys[name])
        complete_home(path / "comet", genesis, settings)
        nodes.append(CometNode(path, program, chain_id(ledger_id(present.genesis)), rpc[name], limits))
    return nodes
