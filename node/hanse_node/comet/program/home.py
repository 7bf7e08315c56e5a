"""CometBFT's folder: its genesis, its keys and its settings, as `docs/formats/network.md` describes them.

What every member must have alike is in the genesis and in `Timing`; what is a member's own is its two keys: one signs
blocks (the validator's), one names the node among its peers.
"""

import base64
import json
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from nacl.signing import SigningKey

from hanse_io.durable import SECRET_MODE, create_durably, replace_durably
from hanse_ledger.blocks.block import genesis_block
from hanse_ledger.misbehaviour.double_vote import chain_id
from hanse_ledger.values.types import Digest, LedgerId, Moment
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_node.base.errors import CannotStart
from hanse_node.base.tomlform import Tree, Value, write_toml
from hanse_node.comet.abci.transactions import TRANSACTION_BYTES
from hanse_node.comet.program.sockets import EngineSockets

BLOCK_BYTES = 2 * 1024 * 1024
POWER = 10
ADDRESS_BYTES = 20


class Timing(Struct, frozen=True, kw_only=True):
    """How long the engine waits for others, in milliseconds: a parameter of the network, alike on all nodes."""

    propose: int
    vote: int
    commit: int


NEAR = Timing(propose=500, vote=200, commit=0)
"""On one machine or one site."""

WIDE = Timing(propose=2_000, vote=1_000, commit=200)
"""Between continents: delays of up to 300 ms."""


class Validator(Struct, frozen=True, kw_only=True):
    """A member's public part: the name under which it is shown, its validator key and its node key, 32 bytes each."""

    name: str
    validator_key: bytes
    node_key: bytes

    @property
    def node_id(self) -> str:
        """How peers name the node: the first 20 bytes of the SHA-256 of its key."""
        return _address(self.node_key).lower()


class Beginning(Struct, frozen=True, kw_only=True):
    """The state of the ledger with which its engine's chain begins, where that is not the genesis."""

    size: int
    root: Digest
    time: Moment


def write_genesis(genesis: Genesis, validators: Sequence[Validator], beginning: Beginning | None = None) -> bytes:
    """Write the engine's genesis: the same bytes on every node.

    Args:
        genesis: the ledger's genesis; its first state entry gives the application hash.
        validators: who votes, in the order of their names.
        beginning: where the chain begins, if the ledger had another engine before.
    """
    first = genesis_block(genesis).head
    begins = beginning or Beginning(size=first.size, root=first.root, time=genesis.created)
    document = {
        "genesis_time": _moment(begins.time),
        "chain_id": chain_id(ledger_id(genesis)),
        "initial_height": "1",
        "consensus_params": {
            "block": {"max_bytes": str(BLOCK_BYTES), "max_gas": "-1"},
            "evidence": {"max_age_num_blocks": "100000", "max_age_duration": "172800000000000", "max_bytes": "1048576"},
            "validator": {"pub_key_types": ["ed25519"]},
            "version": {"app": "0"},
            "abci": {"vote_extensions_enable_height": "0"},
        },
        "validators": [
            {
                "address": _address(validator.validator_key),
                "pub_key": _public(validator.validator_key),
                "power": str(POWER),
                "name": validator.name,
            }
            for validator in validators
        ],
        "app_hash": begins.root.hex().upper(),
        "app_state": {"size": begins.size},
    }
    return json.dumps(document, indent=2).encode() + b"\n"


class LightClient(Struct, frozen=True, kw_only=True):
    """With what an engine checks a snapshot: the sockets of others' RPC, and the block with which it begins."""

    servers: tuple[Path, ...]
    height: int
    block_hash: str


class Settings(Struct, frozen=True, kw_only=True):
    """What an engine is told of its place. `peers` are `id@host:port` of the others, which it calls."""

    name: str
    listen: str
    sockets: EngineSockets
    peers: tuple[str, ...]
    timing: Timing
    one_machine: bool


def write_settings(settings: Settings, light_client: LightClient | None = None) -> bytes:
    """Write `config.toml`; what is not named keeps the engine's default.

    With `filter_peers` the engine asks this node about each that connects: see `admission`. `unsafe` methods of the RPC
    are for `calling`.
    """
    timing = settings.timing
    document: dict[str, Value | Tree] = {
        "proxy_app": f"unix://{settings.sockets.application}",
        "moniker": settings.name,
        "log_level": "info",
        "log_format": "json",
        "filter_peers": True,
        "rpc": {
            "laddr": f"unix://{settings.sockets.rpc}",
            "unsafe": True,
            "max_body_bytes": 2_000_000,
        },
        "p2p": {
            "laddr": f"tcp://{settings.listen}",
            "persistent_peers": ",".join(settings.peers),
            "flush_throttle_timeout": "10ms",
            "send_rate": 51_200_000,
            "recv_rate": 51_200_000,
            "max_packet_msg_payload_size": 65_536,
            "pex": False,
            "addr_book_strict": not settings.one_machine,
            "allow_duplicate_ip": settings.one_machine,
        },
        "mempool": {
            "recheck": False,
            "size": 5_000,
            "max_tx_bytes": TRANSACTION_BYTES,
            "max_txs_bytes": 67_108_864,
        },
        "consensus": {
            "timeout_propose": f"{timing.propose}ms",
            "timeout_propose_delta": "100ms",
            "timeout_prevote": f"{timing.vote}ms",
            "timeout_prevote_delta": "100ms",
            "timeout_precommit": f"{timing.vote}ms",
            "timeout_precommit_delta": "100ms",
            "timeout_commit": f"{timing.commit}ms",
            "skip_timeout_commit": timing.commit == 0,
            "create_empty_blocks": False,
            "create_empty_blocks_interval": "10s",
            "peer_gossip_sleep_duration": "10ms",
        },
        "tx_index": {"indexer": "null"},
    }
    if light_client is not None:
        document["statesync"] = {
            "enable": True,
            "rpc_servers": ",".join(f"unix://{path}" for path in light_client.servers),
            "trust_height": light_client.height,
            "trust_hash": light_client.block_hash,
            "trust_period": "168h0m0s",
            "discovery_time": "5s",
        }
    return write_toml(document)


def place_settings(home: Path, data: bytes) -> None:
    """Give an engine its settings, before each of its starts. Raises OSError."""
    path = home / "config" / "config.toml"
    if not path.exists() or path.read_bytes() != data:
        replace_durably(path, data)


def complete_home(home: Path, genesis: bytes) -> None:
    """Give an engine that has its keys its network. Raises OSError if it has one already."""
    create_durably(home / "config" / "genesis.json", genesis)


def create_engine_keys(home: Path, validator: SigningKey, node: SigningKey) -> None:
    """Make the engine's folder with its keys alone, 0600. Raises OSError if something is there already."""
    (home / "config").mkdir(mode=0o700, parents=True)
    (home / "data").mkdir(mode=0o700)
    public = validator.verify_key.encode()
    key = {"address": _address(public), "pub_key": _public(public), "priv_key": _private(validator)}
    create_durably(home / "config" / "priv_validator_key.json", _json(key), SECRET_MODE)
    create_durably(home / "config" / "node_key.json", _json({"priv_key": _private(node)}), SECRET_MODE)
    state = {"height": "0", "round": 0, "step": 0}
    create_durably(home / "data" / "priv_validator_state.json", _json(state), SECRET_MODE)


SECRETS = ("config/priv_validator_key.json", "config/node_key.json", "data/priv_validator_state.json")
"""What the engine makes anew, silently, where it is missing: another validator, another node, a forgotten vote."""


def check_home(home: Path, ledger: LedgerId, root_at: Callable[[int], Digest | None]) -> None:
    """Insist that an engine's folder has its keys and its network's genesis.

    Args:
        home: the engine's folder.
        ledger: the ledger's id.
        root_at: gives the root of the log at a size; nothing where it has not come so far.

    Raises:
        CannotStart: a file is missing, readable by others, or of another network.
    """
    for name in SECRETS:
        path = home / name
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except FileNotFoundError as error:
            raise CannotStart(
                f"{path} is missing",
                "Bring it from this node's own disk, and never from a backup of another time: with another key this "
                "node is no member, and with a forgotten vote it could sign a height twice",
            ) from error
        if mode & 0o077:
            raise CannotStart(f"{path} can be read by other users (mode {mode:04o})", f"Run: chmod 600 {path}")
    path = home / "config" / "genesis.json"
    step = "Bring the network's own genesis back"
    try:
        decoded = json.loads(path.read_bytes())
        seen = (decoded["chain_id"], decoded["app_hash"])
        size = int(decoded["app_state"]["size"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotStart(f"{path} cannot be read: {error}", step) from error
    root = root_at(size)
    # A ledger that has not come so far will, by a snapshot: its taker compares the root.
    state = seen[1] if root is None else root.hex().upper()
    if seen != (chain_id(ledger), state):
        raise CannotStart(f"{path} is of {seen[0]} with the state {seen[1]}, this ledger's is {chain_id(ledger)}", step)


def _json(document: object) -> bytes:
    return json.dumps(document, indent=2).encode() + b"\n"


def _address(key: bytes) -> str:
    return sha256(key).digest()[:ADDRESS_BYTES].hex().upper()


def _public(key: bytes) -> dict[str, str]:
    return {"type": "tendermint/PubKeyEd25519", "value": base64.b64encode(key).decode()}


def _private(key: SigningKey) -> dict[str, str]:
    both = key.encode() + key.verify_key.encode()
    return {"type": "tendermint/PrivKeyEd25519", "value": base64.b64encode(both).decode()}


def _moment(at: Moment) -> str:
    """Write a time as the engine does (RFC 3339)."""
    return datetime.fromtimestamp(at / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1_000:03d}Z"
