"""A consortium's nodes on this machine as the command line sees them: they lie in one folder, and run together."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

from hanse_cli.base.background import RunningNode, running_node
from hanse_cli.folders.nodefolder import SETTINGS
from hanse_client.base.errors import InvalidInput, NodeFailed

LOG = "node.log"
LOOK_SECONDS = 0.5
STEADY_SECONDS = 60.0
ATTEMPTS = 5
"""So many times in a row a node may end within a minute of its start."""


def network_nodes(folder: Path) -> dict[str, Path]:
    """List the folders of a network's nodes by member. Raises InvalidInput if there is none."""
    folders = {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{SETTINGS}"))}
    if not folders:
        raise InvalidInput(f"{folder} holds no nodes.", "Make a network: hanse network create")
    return folders


@contextmanager
def running_network(folder: Path) -> Iterator[dict[str, RunningNode]]:
    """Run all nodes of a network until the block ends, each in a process of its own. Raises NodeFailed."""
    with ExitStack() as running:
        yield {
            name: running.enter_context(running_node(path, path / LOG, port=None))
            for name, path in network_nodes(folder).items()
        }


def keep_running(folder: Path, nodes: dict[str, RunningNode], told: Callable[[str], None]) -> None:
    """Start again whatever node ends, for ever.

    Args:
        folder: the network's.
        nodes: what `running_network` gave.
        told: what happens.

    Raises:
        NodeFailed: a node ends, or does not become ready, several times in a row.
    """
    paths, failures = network_nodes(folder), dict.fromkeys(nodes, 0)
    begun = dict.fromkeys(nodes, monotonic())
    with ExitStack() as running:
        while True:
            sleep(LOOK_SECONDS)
            for name, node in list(nodes.items()):
                if node.exit_code is None:
                    continue
                failures[name] = 0 if monotonic() - begun[name] > STEADY_SECONDS else failures[name] + 1
                if failures[name] >= ATTEMPTS:
                    raise NodeFailed(f"The node of {name} ended {ATTEMPTS} times.", f"Look into {paths[name] / LOG}.")
                told(f"The node of {name} has ended ({node.exit_code}) and is started again.")
                begun[name] = monotonic()
                nodes[name] = running.enter_context(running_node(paths[name], paths[name] / LOG, port=None))
