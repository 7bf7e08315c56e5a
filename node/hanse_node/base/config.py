"""A node's settings: `node.toml`, with overrides from the environment, parsed once.

A setting is overridden by `HANSE_NODE_` and its name in capitals, sections joined with `_`:
`HANSE_NODE_DATABASE`, `HANSE_NODE_LISTEN_PORT`, `HANSE_NODE_LIMITS_QUEUE_RECORDS`.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_io.durable import SAVE_AS_UTF8, not_utf8
from hanse_ledger.values import limits, patterns
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import MemberId
from hanse_node.base.addresses import Address, HostPort, NodeId
from hanse_node.base.errors import CannotStart
from hanse_node.base.tomlform import MARK, Tree, Value, change_toml, write_toml

PREFIX = "HANSE_NODE_"
CONFIG_BYTES = 64 * 1024
DATABASE = "sqlite:///ledger.db"

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Batches = Annotated[int, Meta(ge=limits.BATCH_RECORDS, le=1_000_000)]

ENGINES = 2 * limits.COSIGNERS
"""So many engines are known at most: a member's old one and its new one while they change places, and observers."""

Peers = Annotated[dict[MemberId, Address], Meta(max_length=ENGINES)]


class KnownEngine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another node's engine: whose it is, where it is reached, and by which key its votes count (64 hex digits).

    An engine whose key has never been a cosigner's may follow, for it was named here; one whose key was, and is not any
    more, may do so only where it is an `observer`: see `engine.comet.admission`.
    """

    address: HostPort
    member: MemberId
    observer: bool = False
    validator_key: Annotated[str, Meta(pattern=patterns.HEX_32)]


Engines = Annotated[dict[NodeId, KnownEngine], Meta(max_length=ENGINES)]


class Listen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the node serves HTTP."""

    host: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=limits.TEXT,
            description="The address. On any but a loopback one, every reader is asked for a token, and TLS is needed: "
            "here, or in a proxy in front.",
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="The port; 0 lets the system choose.")] = 8080
    tls_certificate: Annotated[
        str,
        Meta(
            max_length=4_096,
            description="The certificate that clients see, with its chain, in PEM; empty for plain HTTP. A file that "
            "is replaced is taken up without a stop.",
        ),
    ] = ""
    tls_key: Annotated[
        str,
        Meta(max_length=4_096, description="Its key, in PEM and not encrypted; readable by the node's user or group."),
    ] = ""
    names: Annotated[
        str,
        Meta(
            max_length=1_024,
            description="Names under which clients ask this node, parted by commas, with their port where it is not "
            "the one of https: `node.example.org, node.example.org:8443`. A signed request is for one of them, or for "
            "the address at which it arrives.",
        ),
    ] = ""
    trusted_proxies: Annotated[
        str,
        Meta(
            max_length=1_024,
            description="Addresses and networks, parted by commas, whose `X-Forwarded-For` says who asks.",
        ),
    ] = ""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much the node takes on at once."""

    group_records: Annotated[Count, Meta(description="So many records are committed together at most.")] = 1_000
    queue_bytes: Annotated[
        int,
        Meta(
            ge=8 * 1024 * 1024,
            le=2**34,
            description="So many bytes of records wait for the engine at most; more are answered with 503.",
        ),
    ] = 64 * 1024 * 1024
    queue_records: Annotated[
        Count, Meta(description="So many records wait for the engine at most; more are answered with 503.")
    ] = 10_000
    resign_seconds: Annotated[
        int,
        Meta(ge=1, le=86_400, description="So long after its last signature the head of an idle node is signed anew."),
    ] = 60
    verify_processes: Annotated[
        int,
        Meta(
            ge=0,
            le=64,
            description="So many processes of their own verify the signatures of large batches; with 0 the threads do.",
        ),
    ] = 1
    verify_threads: Annotated[
        int, Meta(ge=1, le=64, description="So many threads verify the signatures of small batches.")
    ] = 2


class Quotas(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one sender may send, so that nobody takes the node from the others; more is answered with 429.

    Faults are records that are malformed, or that the keys they name have not signed. Behind a proxy every sender has
    the proxy's address, unless `trusted_proxies` names it.
    """

    address_burst_faults: Annotated[Batches, Meta(description="So many faults may come from one address at once.")] = (
        2_000
    )
    address_faults_per_second: Annotated[
        Count, Meta(description="So many faults may come from one address, in the long run.")
    ] = 50
    key_burst_records: Annotated[Batches, Meta(description="So many records may one key sign at once.")] = 20_000
    key_records_per_second: Annotated[Count, Meta(description="So many records may one key sign, in the long run.")] = (
        2_000
    )


class Comet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CometBFT, where a consortium's records are ordered by it. Its own folder is `comet/` in the node's folder."""

    enabled: Annotated[bool, Meta(description="Whether it orders the records; if not, the embedded engine does.")] = (
        False
    )
    keep_blocks: Annotated[
        int,
        Meta(
            ge=0,
            le=2**53,
            description="So many of its newest blocks the engine keeps, from which a node that was away replays "
            "what it lacks; 0 for all. The ledger itself keeps every entry.",
        ),
    ] = 0
    one_machine: Annotated[
        bool, Meta(description="Whether nodes share an address, as they do where several run on one machine.")
    ] = False
    p2p: Annotated[HostPort, Meta(description="Where it listens for the other members' engines, `host:port`.")] = (
        "127.0.0.1:26656"
    )
    program: Annotated[
        str,
        Meta(max_length=4_096, description="Its binary; empty for `comet/cometbft` in the folder, else the PATH's."),
    ] = ""
    snapshot: Annotated[
        bool,
        Meta(
            description="Whether a node that has no blocks yet takes a snapshot from the others, which a quorum has "
            "signed, instead of replaying every block."
        ),
    ] = False
    wide: Annotated[
        bool, Meta(description="Whether it waits as long as between continents; alike on all nodes of a network.")
    ] = False


class Peering(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the node answers the other members' nodes, over mutual TLS; used in a consortium alone (see `[comet]`)."""

    host: Annotated[
        str, Meta(min_length=1, max_length=limits.TEXT, description="The address at which the other members reach it.")
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="The port; 0 lets the system choose.")] = 8443


class PublishedProofs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proofs that are published under unguessable names, for whoever has the name: see docs/operating.md."""

    address: Annotated[
        str,
        Meta(
            max_length=512,
            pattern=patterns.PUBLIC_ADDRESS,
            description="Where the public reaches this node, such as `https://market.example`, for the codes that are "
            "printed; empty where that is the address at which whoever publishes reaches it.",
        ),
    ] = ""
    count: Annotated[
        int,
        Meta(ge=0, le=1_000_000, description="So many proofs are published at most, of 256 KiB each; with 0 none is."),
    ] = 10_000
    each: Annotated[Count, Meta(description="So many of them one token may publish.")] = 1_000
    renew_seconds: Annotated[
        int,
        Meta(
            ge=3_600,
            le=604_800,
            description="So long after its last renewal a published proof is made anew, at the newest head: what was "
            "revoked shows then.",
        ),
    ] = 3_600


class SealedDocuments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sealed documents that lie here for their readers: see docs/operating.md. More of them is answered with 429."""

    each: Annotated[
        Count, Meta(description="So many of one sender may wait for the records that name them, whole or in part.")
    ] = 256
    each_mebibytes: Annotated[Count, Meta(description="And so many MiB of them.")] = 256
    mebibytes: Annotated[
        int, Meta(ge=8, le=2**30, description="So many MiB of sealed documents lie here at most, of all together.")
    ] = 64 * 1024


class ReadLogKept(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of who has read what, and what is told of it when: see docs/operating.md."""

    days: Annotated[
        int, Meta(ge=0, le=3_650, description="So many days it is kept; with 0 nothing is written down.")
    ] = 180
    office_delay_hours: Annotated[
        int,
        Meta(
            ge=0,
            le=87_600,
            description="So long after it a party is told that an office which decides or settles (of customs, of a "
            "bank) has read what concerns it. An auditor is told at once.",
        ),
    ] = 168
    rows: Annotated[
        int,
        Meta(
            ge=1_000,
            le=100_000_000,
            description="So many rows it has at most, of some 300 bytes each; then the oldest go, whatever their age.",
        ),
    ] = 1_000_000


class WebhookCalls(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the node may call for webhooks: see docs/webhooks.md."""

    inside: Annotated[
        str,
        Meta(
            max_length=1_024,
            description="Addresses and networks inside, parted by commas, that webhooks may lead to, in the clear too; "
            "loopback, private and link-local ones are not called unless they are named here.",
        ),
    ] = ""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node's settings. `peers` are the addresses of the other members' nodes, by member; `engines` their engines."""

    cosigner: Annotated[MemberId, Meta(description="Whose node it is: a cosigner's id.")]
    database: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=1_024,
            description="An SQLAlchemy URL: of an SQLite file, where a relative path is in the node's folder; or of "
            "PostgreSQL, whose password stands in a file: `postgresql://hanse@host/ledger?passfile=/path`.",
        ),
    ] = DATABASE
    follow: Annotated[
        bool,
        Meta(
            description="Whether the node may run though the members do not name its keys: it follows, vouches for "
            "nothing, and reports itself when an accepted change brings it."
        ),
    ] = False
    token_file: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4_096,
            description="The file that `hanse token` keeps the readers' tokens in, as hashes; mode 0600.",
        ),
    ] = "keys/tokens"  # noqa: S105 (a file's name)
    comet: Comet = Comet()
    engines: Engines = {}
    listen: Listen = Listen()
    limits: Limits = Limits()
    payloads: SealedDocuments = SealedDocuments()
    peering: Peering = Peering()
    peers: Peers = {}
    publishing: PublishedProofs = PublishedProofs()
    quotas: Quotas = Quotas()
    reads: ReadLogKept = ReadLogKept()
    webhooks: WebhookCalls = WebhookCalls()


SECTIONS: dict[str, type[Struct]] = {
    "comet": Comet,
    "listen": Listen,
    "limits": Limits,
    "payloads": SealedDocuments,
    "peering": Peering,
    "publishing": PublishedProofs,
    "quotas": Quotas,
    "reads": ReadLogKept,
    "webhooks": WebhookCalls,
}
TABLES = ("engines", "peers")
"""Sections that are a table of the operator's own names."""


def parse_config(text: bytes, environment: Mapping[str, str]) -> Config:
    """Parse `node.toml` and apply the environment's overrides.

    Raises:
        CannotStart: not TOML, an unknown or missing setting, or a value out of its bounds.
    """
    step = "Correct node.toml or the environment and start again"
    if fault := not_utf8(text):
        raise CannotStart(f"node.toml cannot be read: {fault}", f"{SAVE_AS_UTF8}, and start again")
    try:
        found = msgspec.toml.decode(text.removeprefix(MARK), type=dict[str, object])
        return msgspec.convert(_override(found, environment), Config, strict=False)
    except msgspec.ValidationError as error:
        raise CannotStart(f"A setting is wrong: {patterns.in_words(str(error))}", step) from error
    except UNREADABLE as error:
        raise CannotStart(f"node.toml is not TOML: {error}", step) from error


def write_config(config: Config) -> bytes:
    """Write settings as TOML that `parse_config` reads. Raises CannotStart if a text cannot be written."""
    try:
        return write_toml(_table(config))
    except ValueError as error:
        raise CannotStart(f"A setting cannot be written: {error}", "Correct it and try again") from error


def change_config(text: bytes, config: Config) -> bytes:
    """Change a `node.toml` that somebody may have edited into one that says `config`: comments and order stay.

    Raises:
        CannotStart: the file is no node's settings, cannot be changed without touching what else stands in it, or a
            text cannot be written. Nothing has changed.
    """
    before: Tree = msgspec.to_builtins(parse_config(text, {}))
    after: Tree = msgspec.to_builtins(config)
    try:
        changed = change_toml(text, before, after)
    except ValueError as error:
        raise CannotStart(f"node.toml cannot be changed and keep what else stands in it: {error}", _BY_HAND) from error
    # Read again before anybody writes it: more than a node may know is refused here.
    if parse_config(changed, {}) != config or len(changed) > CONFIG_BYTES:
        raise CannotStart("node.toml cannot be changed and keep what else stands in it", _BY_HAND)
    return changed


_BY_HAND = "Write it in the plain form that docs/configuration.md shows, one section after the other, and try again"


def _table(values: Struct) -> Tree:
    """Give settings as tables, in the order of their fields; what holds nothing is left out."""
    found: dict[str, Value | Tree] = msgspec.to_builtins(values)
    return {name: value for name, value in found.items() if value != {}}


def _override(found: Mapping[str, object], environment: Mapping[str, str]) -> dict[str, object]:
    merged = dict(found)
    for name in Config.__struct_fields__:
        if name in SECTIONS:
            merged[name] = _override_section(name, found.get(name, {}), environment)
        elif name not in TABLES and PREFIX + name.upper() in environment:
            merged[name] = environment[PREFIX + name.upper()]
    return merged


def _override_section(section: str, found: object, environment: Mapping[str, str]) -> object:
    prefix = f"{PREFIX}{section.upper()}_"
    values = {
        name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)
    }
    return {**found, **values} if isinstance(found, dict) else found
