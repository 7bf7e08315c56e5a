"""The certificate that a consortium's node shows to the others, made anew."""

from datetime import datetime
from pathlib import Path

from hanse_cli.with_node.nodeerrors import node_errors
from hanse_ledger.values.types import Moment
from hanse_node.base.folder import read_folder
from hanse_node.signing import tls


@node_errors()
def renew_certificate(folder: Path, now: Moment, *, new_authority: bool) -> datetime:
    """Make the certificate anew that a node shows to other members' nodes, or its authority too; give its end.

    Raises:
        NodeFailed: a file cannot be read or written.
    """
    if new_authority:
        config, _ = read_folder(folder)
        tls.create_authority(folder, config.cosigner, now)
    else:
        tls.renew(folder, now)
    return tls.ends_at(folder)
