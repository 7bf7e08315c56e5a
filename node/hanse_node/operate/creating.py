"""A node's folder, made from a ledger's genesis and the node's own keys."""

from pathlib import Path

from msgspec import Struct

from hanse_ledger.proofs.heads import log_key
from hanse_ledger.proofs.trustfile import write_trust
from hanse_ledger.values.errors import Malformed, OtherRelease
from hanse_ledger.values.types import LedgerId, MemberId
from hanse_ledger.wire.genesis import Genesis, decode_genesis, ledger_id
from hanse_node.base.config import DATABASE, Config, Listen
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import create_folder
from hanse_node.front.clientcertificate import load_pair, tls_pair


class NodeInfo(Struct, frozen=True, kw_only=True):
    """A node's folder and its ledger. `log_key` is the C2SP vkey of its log, `trust` the trust file."""

    directory: Path
    ledger: LedgerId
    name: str
    cosigner: MemberId
    log_key: str
    trust: bytes


def init_node(  # noqa: PLR0913 (settings, each given by its name)
    directory: Path,
    genesis_bytes: bytes,
    cosigner_id: MemberId,
    *,
    log_seed: bytes,
    cosigning_seed: bytes,
    host: str = "127.0.0.1",
    port: int = 8080,
    database: str = DATABASE,
    tls_certificate: str = "",
    tls_key: str = "",
) -> NodeInfo:
    """Create a node's folder.

    Args:
        directory: a folder that does not exist, or holds no node yet.
        genesis_bytes: the ledger's genesis in canonical bytes; it names the cosigner with its public keys.
        cosigner_id: which of the genesis's cosigners this node is.
        log_seed: 32 secret bytes, the Ed25519 key that signs as the log.
        cosigning_seed: 32 other secret bytes, the Ed25519 key that cosigns as the member.
        host: where the node will listen unless told otherwise.
        port: likewise.
        database: the URL of the database, as the settings have it.
        tls_certificate: the file with the certificate that clients see; none for plain HTTP.
        tls_key: the file with its key.

    Raises:
        CannotStart: a node is there already, the genesis is malformed or not this node's, or files cannot be written.
    """
    try:
        genesis = decode_genesis(genesis_bytes)
    except OtherRelease as error:
        raise CannotStart(f"The ledger is of another release: {error.detail}", "Use that release") from error
    except Malformed as error:
        raise CannotStart(f"The genesis is malformed: {error.detail}", "Get the ledger's genesis anew") from error
    listen = Listen(host=host, port=port, tls_certificate=tls_certificate, tls_key=tls_key)
    pair = tls_pair(directory, listen)
    if pair is not None:
        load_pair(*pair)
    config = Config(cosigner=cosigner_id, listen=listen, database=database)
    create_folder(directory, genesis, log_seed=log_seed, cosigning_seed=cosigning_seed, config=config)
    return _info(directory, genesis, cosigner_id)


def _info(directory: Path, genesis: Genesis, cosigner_id: MemberId) -> NodeInfo:
    ledger = ledger_id(genesis)
    (cosigner,) = (each for each in genesis.membership.cosigners if each.id == cosigner_id)
    return NodeInfo(
        directory=directory,
        ledger=ledger,
        name=genesis.name,
        cosigner=cosigner_id,
        log_key=str(log_key(ledger, cosigner)),
        trust=write_trust(genesis),
    )
