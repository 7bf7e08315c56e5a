"""Looking at what a consortium's node has beside any other: certificates, the engine, its peers, evidence."""

from pathlib import Path

from hanse_ledger.kinds.member.proposals import OpenProposals
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Membership, awaited
from hanse_node.base.config import Config
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import read_keys
from hanse_node.comet.program.binary import VERSION, check_rights, look_at, read_pin
from hanse_node.comet.program.install import find_program
from hanse_node.comet.program.sockets import find_sockets
from hanse_node.comet.rpc import PEERS_BYTES, EngineSilent, ask_and_wait
from hanse_node.operate.diagnosis import ASK_SECONDS, Findings, bad, good, warn
from hanse_node.peers.evidences import Evidences
from hanse_node.signing import tls

STATUS_BYTES = 64 * 1024


def examine_consortium(
    folder: Path,
    config: Config,
    genesis: Genesis,
    membership: Membership,
    proposals: OpenProposals,
    now: Moment,
) -> Findings:
    """Look at a consortium's node; arguments as of `doctor.examine`, and what its database says of the members."""
    yield from _standing(folder, config, membership, proposals)
    try:
        yield good("certificates", tls.check(folder, now))
    except CannotStart as error:
        yield bad("certificates", error.reason, error.next_step)
    yield from _engine(folder, config)
    yield from _peers(folder, config, membership)
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
        check_rights(program)
        present, pinned = look_at(program), read_pin(folder / "comet")
    except CannotStart as error:
        yield bad("engine", error.reason, error.next_step)
        return
    if present.version != VERSION:
        yield bad("engine", f"CometBFT {present.version}, where {VERSION} was tested", "Run: hanse engine install")
    elif pinned is not None and pinned != present:
        yield bad("engine", f"{program} is not the binary that this node ran before", "See: hanse engine pin")
    else:
        yield good("engine", f"CometBFT {present.version}")


def _standing(folder: Path, config: Config, membership: Membership, proposals: OpenProposals) -> Findings:
    """Say whether the members name this node, and for whom of them it knows no address."""
    keys, own_place = read_keys(folder), membership.cosigner(config.cosigner)
    own = (keys.log.verify_key.encode(), keys.cosigning.verify_key.encode())
    quorum = f"{membership.parameters.quorum} of {len(membership.cosigners)}"
    accepted = [proposal.change for proposal in proposals.whole if proposal.accepted]
    if own_place is not None and (own_place.log_key, own_place.cosigning_key) == own:
        yield good("standing", f"one of the cosigners at epoch {membership.epoch}; a quorum is {quorum}")
    elif any(config.cosigner in awaited(membership, change) for change in accepted):
        yield warn("standing", "the members have accepted this node", "Let it run: it says by itself that it is ready")
    elif config.follow:
        yield good("standing", f"follows without a vote, at epoch {membership.epoch}; a quorum is {quorum}")
    else:
        yield bad("standing", "the members do not name this node", "Set `follow = true`, or restore its own keys")
    unknown = [
        cosigner.id
        for cosigner in membership.cosigners
        if cosigner.id not in config.peers and cosigner.id != config.cosigner
    ]
    if unknown:
        yield warn("peers' addresses", f"none of {', '.join(unknown)}", "Get their member.json: hanse network peer")
    named = {engine.validator_key for engine in config.engines.values()}
    strange = [
        cosigner.id
        for cosigner in membership.cosigners
        if cosigner.id != config.cosigner
        and cosigner.validator_key is not None
        and cosigner.validator_key.hex() not in named
    ]
    if strange:
        fix = "Get their member.json: hanse network peer. Until then their engines cannot connect to this one"
        yield warn("peers' engines", f"none of {', '.join(strange)}", fix)


def _peers(folder: Path, config: Config, membership: Membership) -> Findings:
    """Ask the engine how many peers it sees, and how far it has come."""
    rpc = find_sockets(folder).rpc
    others = len([cosigner for cosigner in membership.cosigners if cosigner.id != config.cosigner])
    try:
        told = ask_and_wait(rpc, {"status": STATUS_BYTES, "net_info": PEERS_BYTES}, seconds=ASK_SECONDS)
        sync, peers = told["status"]["sync_info"], int(told["net_info"]["n_peers"])
        height, catching_up = int(sync["latest_block_height"]), bool(sync["catching_up"])
    except (EngineSilent, KeyError, TypeError, ValueError):
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
