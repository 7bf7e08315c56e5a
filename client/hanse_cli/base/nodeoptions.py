"""Options of commands that make a node's settings."""

from typing import Annotated

import typer

ListenOption = Annotated[str, typer.Option("--listen", help="Where clients reach the node, host:port.")]
PeeringOption = Annotated[
    str | None,
    typer.Option("--peering", help="Where to listen for other nodes, host:port; by default as --url said."),
]
P2pOption = Annotated[
    str | None, typer.Option("--p2p", help="Where the engine listens, host:port; by default as --p2p said.")
]
DatabaseOption = Annotated[
    str, typer.Option("--database", help="An SQLite file in the folder, or postgresql://user@host/name.")
]
WanOption = Annotated[bool, typer.Option("--wan", help="Wait as long as between continents.")]
