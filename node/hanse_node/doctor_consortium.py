"""Looking at what a consortium's node has beside any other: certificates, the engine, its peers, evidence."""

from pathlib import Path
from typing import Any

import msgspec

from hanse_client.outgoing import OutgoingError, ask_and_wait
from hanse_ledger.membership import Membership, awaited
from hanse_ledger.trust import Genesis
from hanse_ledger.trustfile import TrustFile
from hanse_ledger.types import Moment
from hanse_node import tls
from hanse_node.config import Config
from hanse_node.engine.comet.install import VERSION, built_version, find_program
from hanse_node.errors import CannotStart
from hanse_node.evidences import Evidences
from hanse_node.findings import ASK_SECONDS, Findings, bad, good, warn
from hanse_node.folder import read_keys

ANSWER_BYTES = 4 * 1024 * 1024


def examine_consortium(folder: Path, config: Config, genesis: Genesis, membership: Membership, now: Moment) -> Findings:
    """Look at a consortium's node; arguments as of `doctor.examine`, and the members as its database has them."""
    yield from _standing(folder, config, membership)
    try:
        yield good("certificates", tls.check(folder, now))
    except CannotStart as error:
        yield bad("certificates", error.reason, error.next_step)
    yield from _engine(folder, config)
    yield from _peers(config, membership)
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


def _standing(folder: Path, config: Config, membership: Membership) -> Findings:
    """Say whether the members name this node, and for whom of them it knows no address."""
    keys, named = read_keys(folder), membership.cosigner(config.cosigner)
    own = (keys.log.verify_key.encode(), keys.cosigning.verify_key.encode())
    quorum = f"{membership.parameters.quorum} of {len(membership.cosigners)}"
    proposal = membership.proposal
    if named is not None and (named.log_key, named.cosigning_key) == own:
        yield good("standing", f"one of the cosigners at epoch {membership.epoch}; a quorum is {quorum}")
    elif proposal is not None and proposal.accepted and config.cosigner in awaited(membership, proposal.change):
        yield warn("standing", "the members have accepted this node", "Let it run: it says by itself that it is ready")
    elif config.follow:
        yield good("standing", f"follows without a vote, at epoch {membership.epoch}; a quorum is {quorum}")
    else:
        yield bad("standing", "the members do not name this node", "Set `follow = true`, or restore its own keys")
    unknown = [each.id for each in membership.cosigners if each.id not in config.peers and each.id != config.cosigner]
    if unknown:
        yield warn("peers' addresses", f"none of {', '.join(unknown)}", "Get their member.json: hanse network peer")


def _peers(config: Config, membership: Membership) -> Findings:
    """Ask the engine how many peers it sees, and how far it has come."""
    rpc = f"http://127.0.0.1:{config.comet.rpc_port}"
    others = len([each for each in membership.cosigners if each.id != config.cosigner])
    try:
        sync = _ask(rpc, "/status")["sync_info"]
        peers = int(_ask(rpc, "/net_info")["n_peers"])
        height, catching_up = int(sync["latest_block_height"]), bool(sync["catching_up"])
    except (OutgoingError, KeyError, TypeError, ValueError):
        yield warn("peers", f"the engine does not answer at {rpc}", "Start the node; while it runs, look into its log")
        return
    # With this node, if it is one of them, a quorum must be there. Who only follows may be connected too.
    needed = membership.parameters.quorum - (membership.cosigner(config.cosigner) is not None)
    seen = f"{peers} of {others} peers are connected, the newest block is {height}"
    if peers < needed:
        yield bad("peers", seen, "Too few for a quorum: look at the network, and at the other members' nodes")
    elif peers < others:
        yield warn("peers", seen, "Find out whose node is away")
    elif catching_up:
        yield warn("peers", f"{seen}, and this node is still behind", "Wait until it has caught up")
    else:
        yield good("peers", seen)


def _ask(rpc: str, path: str) -> Any:
    """Ask the engine. Raises OutgoingError, ValueError, KeyError, TypeError."""
    return msgspec.json.decode(ask_and_wait(rpc, path, most=ANSWER_BYTES, seconds=ASK_SECONDS).body)["result"]
