"""Where a node's CometBFT is, and what is made ready before each of its starts."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from hanse_node.base.config import Config, KnownEngine
from hanse_node.comet.abci.admission import Admission, EngineBook
from hanse_node.comet.calling import whom_to_call
from hanse_node.comet.program.binary import check_program
from hanse_node.comet.program.home import NEAR, WIDE, LightClient, Settings, place_settings, write_settings
from hanse_node.comet.program.install import checked_program
from hanse_node.comet.program.sockets import open_sockets


class CometPlace(Struct, frozen=True, kw_only=True):
    """Where CometBFT is.

    `chain` is its name for this ledger, `program` its binary, `home` its folder. `settings` are what it is told, but
    for its peers, which `engines` gives as they are known now. With `snapshot` a ledger without blocks begins with one
    of the others'. `keep_blocks` is the setting of that name.
    """

    chain: str
    program: Path
    home: Path
    settings: Settings
    engines: Callable[[], Mapping[str, KnownEngine]]
    snapshot: bool = False
    keep_blocks: int = 0


def open_place(folder: Path, config: Config, chain: str) -> CometPlace:
    """Find a node's CometBFT, and make the folder of its sockets, which `leave_sockets` removes. Raises CannotStart.

    Args:
        folder: the node's, whose lock is held.
        config: its settings.
        chain: the engine's name for the ledger.
    """
    comet, home = config.comet, folder / "comet"
    program = checked_program(comet.program, home)
    settings = Settings(
        name=config.cosigner,
        listen=comet.p2p,
        sockets=open_sockets(folder),
        peers=(),
        timing=WIDE if comet.wide else NEAR,
        one_machine=comet.one_machine,
    )
    return CometPlace(
        chain=chain,
        program=program,
        home=home,
        settings=settings,
        engines=EngineBook(folder),
        snapshot=comet.snapshot,
        keep_blocks=comet.keep_blocks,
    )


class Preparation:
    """Makes an engine's settings, and room for its socket. `light_client` is set while it is to take a snapshot."""

    def __init__(self, place: CometPlace, admission: Admission) -> None:
        self._place, self._admission = place, admission
        self.light_client: LightClient | None = None

    def __call__(self) -> None:
        """Prepare a start. Raises OSError; CannotStart if the binary is not the one that the node runs."""
        place = self._place
        check_program(place.program, place.home)
        # What an engine that was killed has left would keep the next one from listening.
        place.settings.sockets.rpc.unlink(missing_ok=True)
        called = tuple(whom_to_call(place.engines(), self._admission).values())
        settings = msgspec.structs.replace(place.settings, peers=called)
        place_settings(place.home, write_settings(settings, self.light_client))
