"""A node's settings: `node.toml`, with overrides from the environment, parsed once.

A setting is overridden by `HANSE_NODE_` and its name in capitals, sections joined with `_`:
`HANSE_NODE_DATABASE`, `HANSE_NODE_LISTEN_PORT`, `HANSE_NODE_LIMITS_QUEUE_RECORDS`.
"""

import json
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger import limits
from hanse_ledger.types import MemberId
from hanse_node.errors import CannotStart

PREFIX = "HANSE_NODE_"
CONFIG_BYTES = 64 * 1024

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Batches = Annotated[int, Meta(ge=limits.BATCH_RECORDS, le=1_000_000)]


class Listen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the node serves HTTP. Port 0 lets the system choose."""

    host: Annotated[str, Meta(min_length=1, max_length=limits.TEXT)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8080


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much the node takes on at once.

    `queue_records` of `queue_bytes` in all wait at most for the engine, `group_records` at most are committed together;
    `resign_seconds` after its last signature an idle head is signed again. Signatures of large batches are verified in
    `verify_processes` processes of their own (with 0, and those of small batches, on `verify_threads` threads).
    """

    group_records: Count = 1_000
    queue_bytes: Annotated[int, Meta(ge=8 * 1024 * 1024, le=2**34)] = 64 * 1024 * 1024
    queue_records: Count = 10_000
    resign_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 60
    verify_processes: Annotated[int, Meta(ge=0, le=64)] = 1
    verify_threads: Annotated[int, Meta(ge=1, le=64)] = 2


class Quotas(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one sender may send, so that nobody takes the node from the others.

    A key may sign `key_records_per_second` in the long run and `key_burst_records` at once. From one address
    `address_faults_per_second` may come, and `address_burst_faults` at once: records that are malformed, or that the
    keys they name have not signed. (Behind a proxy every sender has the proxy's address.)
    """

    address_burst_faults: Batches = 2_000
    address_faults_per_second: Count = 50
    key_burst_records: Batches = 20_000
    key_records_per_second: Count = 2_000


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node's settings.

    `cosigner` names the node in the genesis; `database` is an SQLAlchemy URL, a relative SQLite
    path being in the node's folder; `token_file` holds the auditors' bearer tokens, one a line.
    """

    cosigner: MemberId
    database: Annotated[str, Meta(min_length=1, max_length=1_024)] = "sqlite:///ledger.db"
    token_file: Annotated[str, Meta(min_length=1, max_length=4_096)] = "keys/tokens"  # noqa: S105 (a file's name)
    listen: Listen = Listen()
    limits: Limits = Limits()
    quotas: Quotas = Quotas()


_SECTIONS: dict[str, type[Struct]] = {"listen": Listen, "limits": Limits, "quotas": Quotas}


def parse_config(text: bytes, environment: Mapping[str, str]) -> Config:
    """Parse `node.toml` and apply the environment's overrides.

    Raises:
        CannotStart: not TOML, an unknown or missing setting, or a value out of its bounds.
    """
    step = "Correct node.toml or the environment and start again"
    try:
        found = msgspec.toml.decode(text, type=dict[str, object])
        return msgspec.convert(_override(found, environment), Config, strict=False)
    except msgspec.ValidationError as error:
        raise CannotStart(f"A setting is wrong: {error}", step) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CannotStart(f"node.toml is not TOML: {error}", step) from error


def write_config(config: Config) -> bytes:
    """Write settings as TOML that `parse_config` reads."""
    # A TOML basic string and a JSON string without control characters beyond \n and \t are written alike.
    lines = [
        f"{name} = {json.dumps(getattr(config, name), ensure_ascii=False)}"
        for name in Config.__struct_fields__
        if name not in _SECTIONS
    ]
    for section, kind in _SECTIONS.items():
        values = getattr(config, section)
        lines += ["", f"[{section}]"]
        lines += [
            f"{name} = {json.dumps(getattr(values, name), ensure_ascii=False)}" for name in kind.__struct_fields__
        ]
    return "\n".join([*lines, ""]).encode()


def _override(found: Mapping[str, object], environment: Mapping[str, str]) -> dict[str, object]:
    merged = dict(found)
    for name in Config.__struct_fields__:
        if name in _SECTIONS:
            merged[name] = _override_section(name, found.get(name, {}), environment)
        elif PREFIX + name.upper() in environment:
            merged[name] = environment[PREFIX + name.upper()]
    return merged


def _override_section(section: str, found: object, environment: Mapping[str, str]) -> object:
    prefix = f"{PREFIX}{section.upper()}_"
    values = {
        name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)
    }
    return {**found, **values} if isinstance(found, dict) else found
