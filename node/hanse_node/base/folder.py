"""A node's folder: settings, genesis, keys, the high-water mark, and the lock that keeps a second process out.

node.toml          settings (see `config`)
genesis.msgpack    the genesis, canonical bytes
keys/log.pem       Ed25519, PKCS#8: signs checkpoints as the log
keys/cosign.pem    Ed25519, PKCS#8: cosigns checkpoints as the member
keys/webhooks/     the secrets of webhooks, a file each (see `webhooks.secretfiles`)
highwater          the newest head that was signed (see `cosign`)
tags/              the members' keys of tags, a file an epoch (see `signing.tagbook`)
payloads/          sealed documents, by hash (see `payloads.names`)
offices/           members' offices that are to be opened (see `intake.waitingoffices`)
ledger.db          the database, unless the settings name another
trees              a copy of the trees over objects and claims, for a quick start (see `store.trees`)
address            where the running node answers (see `whereabouts`)
node.lock          held while a process uses the folder
*.lock             beside node.toml, keys/tokens and files of tls/: held while a command changes them (see `changing`)
moved              there once the ledger was handed over to a consortium: this node never starts again
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from nacl.signing import SigningKey
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from hanse_io.durable import SAVE_AS_UTF8, SECRET_MODE, create_durably, force, not_utf8
from hanse_io.locks import Lock, Taken
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, OtherRelease
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis, decode_genesis
from hanse_ledger.wire.membership import Cosigner
from hanse_node.base.config import CONFIG_BYTES, Config, parse_config, write_config
from hanse_node.base.errors import CannotStart
from hanse_node.base.private import tighten, tighten_database

CONFIG = "node.toml"
GENESIS = "genesis.msgpack"
LOG_KEY = "keys/log.pem"
COSIGNING_KEY = "keys/cosign.pem"
HIGH_WATER = "highwater"
TREES = "trees"
LOCK = "node.lock"
MOVED = "moved"

OTHER_RELEASE = "Nothing in it was changed. docs/upgrading.md says how to go on"

KEY_BYTES = 4_096
"""The most that a key file may have."""


class NodeFolder:
    """An open folder. The lock is held until `close`."""

    def __init__(self, path: Path, config: Config, genesis: Genesis, keys: "FolderKeys", lock: Lock) -> None:
        self.path, self.config, self.genesis, self.keys = path, config, genesis, keys
        self._lock = lock

    @property
    def cosigner(self) -> Cosigner:
        """This node as the members name it, or would; its engine's key left out."""
        return Cosigner(
            cosigning_key=self.keys.cosigning.verify_key.encode(),
            id=self.config.cosigner,
            log_key=self.keys.log.verify_key.encode(),
            ml_dsa_key=None,
        )

    @property
    def high_water(self) -> Path:
        """Where the newest signed head is remembered."""
        return self.path / HIGH_WATER

    @property
    def trees(self) -> Path:
        """Where a clean stop leaves the trees for the next start."""
        return self.path / TREES

    @property
    def token_file(self) -> Path:
        """Where the auditors' tokens stand, whether the file exists or not."""
        return self.path / self.config.token_file

    @property
    def database(self) -> URL:
        """The database's URL, a relative SQLite path resolved."""
        return database_url(self.path, self.config)

    def close(self) -> None:
        """Let another process have the folder. May be called twice."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class FolderKeys:
    """The node's two private keys. Nothing prints them."""

    def __init__(self, log_seed: bytes, cosigning_seed: bytes) -> None:
        self.log = SigningKey(log_seed)
        self.cosigning = SigningKey(cosigning_seed)

    def __repr__(self) -> str:
        return "FolderKeys(…)"


def create_folder(path: Path, genesis: Genesis, *, log_seed: bytes, cosigning_seed: bytes, config: Config) -> None:
    """Create a node's folder; durable on return. The settings are written last: without them there is no folder.

    Args:
        path: a folder that does not exist, or holds no node yet.
        genesis: the ledger's genesis, which must name `config.cosigner` with these keys.
        log_seed: 32 secret bytes, the Ed25519 key that signs as the log.
        cosigning_seed: 32 other secret bytes, the Ed25519 key that cosigns as the member.
        config: the settings.

    Raises:
        CannotStart: a node is there already, the keys are not the genesis's, or files cannot be written.
    """
    if (path / CONFIG).exists():
        raise CannotStart(f"{path} holds a node already", "Name an empty folder")
    check_keys(genesis, config, FolderKeys(log_seed, cosigning_seed))
    database_url(path, config)
    create_keys(path, log_seed=log_seed, cosigning_seed=cosigning_seed)
    complete_folder(path, genesis, config)


def create_keys(path: Path, *, log_seed: bytes, cosigning_seed: bytes) -> None:
    """Make a folder with a node's keys alone; durable on return. Raises CannotStart."""
    with _writing(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (path / LOG_KEY).parent.mkdir(mode=0o700, exist_ok=True)
        create_durably(path / LOG_KEY, _pem(log_seed), SECRET_MODE)
        create_durably(path / COSIGNING_KEY, _pem(cosigning_seed), SECRET_MODE)


def complete_folder(path: Path, genesis: Genesis, config: Config) -> None:
    """Make a folder that has a node's keys into a node's folder; durable on return.

    Raises:
        CannotStart: a node is there already, the keys are not the genesis's, or files cannot be written.
    """
    if (path / CONFIG).exists():
        raise CannotStart(f"{path} holds a node already", "Name an empty folder")
    keys = read_keys(path)
    if not config.follow:
        check_keys(genesis, config, keys)
    database_url(path, config)
    with _writing(path):
        create_durably(path / GENESIS, encode(genesis))
        create_durably(path / CONFIG, write_config(config))
        force(path.parent)


def read_folder(path: Path, environment: Mapping[str, str] = os.environ) -> tuple[Config, Genesis]:
    """Read a folder's settings and genesis, without its lock or its keys: for who only looks.

    Args:
        path: the folder that `create_folder` made.
        environment: overrides of settings, `HANSE_NODE_…`.

    Raises:
        CannotStart: a file is missing or damaged, or the ledger is of another release.
    """
    settings = _read(path / CONFIG, CONFIG_BYTES)
    try:
        # Before the settings: those of another release may have other names.
        genesis = decode_genesis(_read(path / GENESIS, limits.GENESIS_BYTES))
    except OtherRelease as error:
        raise CannotStart(f"{path} is not a folder of this release. {error.detail}", OTHER_RELEASE) from error
    except Malformed as error:
        step = "Copy the ledger's genesis into it from another node"
        raise CannotStart(f"{GENESIS} is damaged: {error}", step) from error
    config = parse_config(settings, environment)
    database_url(path, config)
    return config, genesis


def open_folder(path: Path, environment: Mapping[str, str] = os.environ, *, moved: bool = False) -> NodeFolder:
    """Open a node's folder and hold its lock; arguments as of `read_folder`.

    Args:
        path: see there.
        environment: see there.
        moved: whether its ledger may have been handed over to a consortium.

    Raises:
        CannotStart: the folder or a file is missing or damaged, a secret is readable by others, the keys are
            not the genesis's, or another process has the folder open.

    What else in it is open to other users is closed.
    """
    config, genesis = read_folder(path, environment)
    tighten(path)
    if not moved and (path / MOVED).exists():
        raise CannotStart(
            "This ledger was handed over to a consortium, and goes on there",
            "Start the node that has taken it over; this one could only begin a second history",
        )
    keys = read_keys(path)
    if not config.follow:
        check_keys(genesis, config, keys)
    lock = Lock(path / LOCK)
    try:
        lock.acquire()
    except Taken as error:
        raise CannotStart(
            f"Another process has {path} open", "Stop the other node first; two on one folder would fork the ledger"
        ) from error
    except OSError as error:
        raise CannotStart(
            f"{path / LOCK} cannot be locked: {error}", "Put the folder on a local disk that this user may write"
        ) from error
    url = database_url(path, config)
    if url.get_backend_name() == "sqlite":
        tighten_database(Path(str(url.database)))
    return NodeFolder(path, config, genesis, keys, lock)


def database_url(path: Path, config: Config) -> URL:
    """Give the URL of a folder's database, a relative SQLite path resolved.

    Raises:
        CannotStart: it is no URL, names neither an SQLite file nor a database of PostgreSQL, or holds a password.
    """
    try:
        url = make_url(config.database)
    except ArgumentError as error:
        raise CannotStart("`database` is not a database URL", "Write it as sqlite:///ledger.db") from error
    if url.get_backend_name() == "postgresql" and url.database:
        if url.password is not None or "password" in url.query:
            raise CannotStart(
                "`database` holds a password",
                "Put it into a file of mode 0600 in libpq's form, and name that: ?passfile=/path/to/file",
            )
        return url
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise CannotStart(
            "`database` names neither an SQLite file nor a database of PostgreSQL",
            "Write sqlite:///ledger.db, or postgresql://user@host/database",
        )
    return url.set(database=str(path / url.database))


def _cosigner(genesis: Genesis, config: Config) -> Cosigner:
    for cosigner in genesis.membership.cosigners:
        if cosigner.id == config.cosigner:
            return cosigner
    raise CannotStart(
        f"The genesis names no cosigner {config.cosigner!r}",
        "Set `cosigner` to one of the genesis's, or bring its genesis",
    )


def read_keys(path: Path) -> FolderKeys:
    """Read a folder's private keys. Raises CannotStart: missing, damaged, or readable by others."""
    return FolderKeys(_seed(path / LOG_KEY), _seed(path / COSIGNING_KEY))


def check_keys(genesis: Genesis, config: Config, keys: FolderKeys) -> None:
    """Insist that keys are those that the genesis names for a node. Raises CannotStart."""
    cosigner = _cosigner(genesis, config)
    for name, key, wanted in (
        (LOG_KEY, keys.log, cosigner.log_key),
        (COSIGNING_KEY, keys.cosigning, cosigner.cosigning_key),
    ):
        if key.verify_key.encode() != wanted:
            raise CannotStart(
                f"{name} is not the key that the genesis names for {cosigner.id!r}", "Restore the node's own key"
            )


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotStart(
            f"{path} cannot be written: {error}", "Name an empty folder that this user may write"
        ) from error


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise CannotStart(
            f"{path} cannot be read: {error.strerror}", "Create the node's folder first, or restore the file"
        ) from error
    if len(data) > most:
        raise CannotStart(f"{path} has more than {most} bytes", "Restore the file")
    return data


def _seed(path: Path) -> bytes:
    data = _read(path, KEY_BYTES)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise CannotStart(f"{path} can be read by other users (mode {mode:04o})", f"Run: chmod 600 {path}")
    if fault := not_utf8(data, strict=False):
        raise CannotStart(f"{path} cannot be read: {fault}", SAVE_AS_UTF8)
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CannotStart(f"{path} is not an unencrypted PKCS#8 key", "Restore the node's own key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotStart(f"{path} is not an Ed25519 key", "Restore the node's own key")
    return key.private_bytes_raw()


def _pem(seed: bytes) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
