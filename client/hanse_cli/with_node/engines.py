"""CometBFT's program on this machine: asked for, brought, and pinned."""

from pathlib import Path

from hanse_cli.base.console import table
from hanse_cli.base.session import answer
from hanse_cli.with_node.nodeerrors import node_errors
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import read_folder
from hanse_node.comet.program import install
from hanse_node.comet.program.binary import VERSION, Program, look_at


@node_errors()
def need_engine() -> None:
    """Insist, before anything is made, that a network's nodes will find the engine on this machine.

    Raises:
        NodeFailed: CometBFT is not there, or is another version.
    """
    program = install.find_program("", None)
    if program is None:
        raise CannotStart(
            "A network's nodes run on CometBFT, which is not installed; nothing was made",
            "Run: hanse engine install. It builds with Go; where there is none: pip install 'hanse[engine]'",
        )
    looked = look_at(program)
    if looked.version != VERSION:
        raise CannotStart(
            f"{program} is CometBFT {looked.version}, not {VERSION}; nothing was made", "Run: hanse engine install"
        )


@node_errors()
def install_engine(target: Path | None, source: Path | None) -> tuple[Path, Program]:
    """Get CometBFT, from a binary or by building it, and check what it was built from. Raises NodeFailed."""
    return install.install(target, source)


@node_errors()
def pin_engine(folder: Path) -> tuple[Path, Program]:
    """Let a node run the binary that it finds now; give the program. Raises NodeFailed."""
    config, _ = read_folder(folder)
    return install.pin_found(folder, config.comet.program)


def answer_program(program: Path, looked: Program, *, as_json: bool) -> None:
    """Give which program the engine is."""
    document = {"program": str(program), "version": looked.version, "sha256": looked.sha256}
    rows = [("program", str(program)), ("version", looked.version), ("sha256", looked.sha256.hex())]
    answer(document, table(rows), as_json=as_json)
