"""Which settings a node takes over from a backup, and which its operator must give: a closed list.

A backup may be another's work. What it says of the ledger is checked against the node's own keys and the signed heads;
what it says of programs, paths and addresses would be believed. So those are given anew, or stay at their defaults.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from hanse_node.base.config import Comet, Config, Listen, Peering
from hanse_node.base.errors import CannotStart
from hanse_node.lifecycle.backup import OWN_DATABASE

TAKEN: Mapping[str, tuple[str, ...]] = {
    "": ("cosigner", "follow"),
    "comet": ("enabled", "keep_blocks", "wide"),
    "limits": (
        "group_records",
        "queue_bytes",
        "queue_records",
        "resign_seconds",
        "verify_processes",
        "verify_threads",
    ),
    "publishing": ("count", "each", "renew_seconds"),
    "quotas": (
        "address_burst_faults",
        "address_faults_per_second",
        "key_burst_records",
        "key_records_per_second",
    ),
    "reads": ("days", "office_delay_hours", "rows"),
}
"""Whose node it is, which engine it has, how much it takes on, when it tells: numbers within bounds, and yes or no."""


class Own(Struct, frozen=True, kw_only=True):
    """What the operator says of the machine on which a node is restored.

    `keys` is the folder of its `log.pem` and `cosign.pem`; `peering` and `p2p` are for a consortium's node alone.
    """

    listen: Listen = Listen()
    peering: Peering | None = None
    p2p: str | None = None
    database: str = OWN_DATABASE
    keys: Path | None = None


def adopt(backed_up: Config, own: Own) -> Config:
    """Make a restored node's settings from those of its backup and its operator's. Raises CannotStart."""
    found: dict[str, object] = {}
    for section, names in TAKEN.items():
        values: Struct = getattr(backed_up, section) if section else backed_up
        taken = {name: getattr(values, name) for name in names}
        if section:
            found[section] = msgspec.structs.replace(values, **{**_defaults(values), **taken})
        else:
            found |= taken
    comet = found["comet"]
    assert isinstance(comet, Comet)
    if comet.enabled:
        if own.peering is None or own.p2p is None:
            raise CannotStart(
                "the backup is of a consortium's node, and does not decide where this one is reached",
                "Say it: --peering HOST:PORT for the other members' nodes, --p2p HOST:PORT for their engines",
            )
        found["comet"] = msgspec.structs.replace(comet, p2p=own.p2p)
        found["peering"] = own.peering
    return msgspec.convert({**found, "listen": own.listen, "database": own.database}, Config)


def taken(backed_up: Config) -> Iterator[tuple[str, str]]:
    """List what is taken over, with its values: names as `node.toml` has them, sections before a dot."""
    for section, names in TAKEN.items():
        values = getattr(backed_up, section) if section else backed_up
        for name in names:
            yield f"{section}.{name}" if section else name, _shown(getattr(values, name))


def left(backed_up: Config) -> Iterator[tuple[str, str]]:
    """List what a backup says and is not taken over, where it is no default and names something of another machine."""
    plain = Config(cosigner=backed_up.cosigner, database=OWN_DATABASE)
    chosen, defaults = dict(_flat(backed_up)), dict(_flat(plain))
    kept = {name for name, _ in taken(backed_up)}
    for name, value in chosen.items():
        if name not in kept and defaults.get(name) != value:
            yield name, value


def _flat(config: Config) -> Iterator[tuple[str, str]]:
    for name in Config.__struct_fields__:
        value = getattr(config, name)
        if isinstance(value, Struct):
            for inner in value.__struct_fields__:
                yield f"{name}.{inner}", _shown(getattr(value, inner))
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield f"{name}.{key}", _shown(msgspec.to_builtins(inner))
        else:
            yield name, _shown(value)


def _defaults(values: Struct) -> dict[str, object]:
    plain = type(values)()
    return {name: getattr(plain, name) for name in values.__struct_fields__}


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
