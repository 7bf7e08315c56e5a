"""Looking at what a consortium's node has beside any other: certificates, the engine, its peers, evidence."""

from pathlib import Path

import httpx

from hanse_ledger.trust import Genesis
from hanse_ledger.trustfile import TrustFile
from hanse_ledger.types import Moment
from hanse_node import tls
from hanse_node.config import Config
from hanse_node.engine.comet.install import VERSION, built_version, find_program
from hanse_node.errors import CannotStart
from hanse_node.evidences import Evidences
from hanse_node.findings import ASK_SECONDS, Findings, bad, good, warn


def examine_consortium(folder: Path, config: Config, genesis: Genesis, now: Moment) -> Findings:
    """Look at a consortium's node; arguments as of `doctor.examine`."""
    try:
        yield good("certificates", tls.check(folder, now))
    except CannotStart as error:
        yield bad("certificates", error.reason, error.next_step)
    yield from _engine(folder, config)
    yield from _peers(config)
    files = Evidences(folder, lambda: TrustFile(genesis)).files()
    if files:
        fix = f"Show it to the other members: hanse verify {files[-1]}"
        yield warn("evidence", f"{len(files)} pieces of evidence against members", fix)


def _engine(folder: Path, config: Config) -> Findings:
    program = find_program(config.comet.program, folder / "comet")
    if program is None:
        yield bad("engine", "CometBFT is not installed", "Run: hanse engine install")
        return
    try:
        version = built_version(program)
    except CannotStart as error:
        yield warn("engine", error.reason, error.next_step)
        return
    if version == VERSION:
        yield good("engine", f"CometBFT {version}")
    else:
        yield bad("engine", f"CometBFT {version}, where {VERSION} was tested", "Run: hanse engine install")


def _peers(config: Config) -> Findings:
    """Ask the engine how many peers it sees, and how far it has come."""
    rpc, others = f"http://127.0.0.1:{config.comet.rpc_port}", len(config.peers)
    try:
        with httpx.Client(base_url=rpc, timeout=ASK_SECONDS, trust_env=False) as engine:
            sync = engine.get("/status").json()["result"]["sync_info"]
            peers = int(engine.get("/net_info").json()["result"]["n_peers"])
        height, catching_up = int(sync["latest_block_height"]), bool(sync["catching_up"])
    except (httpx.TransportError, KeyError, TypeError, ValueError):
        yield warn("peers", f"the engine does not answer at {rpc}", "Start the node; while it runs, look into its log")
        return
    # With this node, more than two thirds of all must be there.
    needed = (others + 1) * 2 // 3
    seen = f"{peers} of {others} peers are connected, the newest block is {height}"
    if peers < needed:
        yield bad("peers", seen, "Too few for a quorum: look at the network, and at the other members' nodes")
    elif peers < others:
        yield warn("peers", seen, "Find out whose node is away")
    elif catching_up:
        yield warn("peers", f"{seen}, and this node is still behind", "Wait until it has caught up")
    else:
        yield good("peers", seen)
