"""Groups of commands: one that loads what is asked for, and one of which a command is meant where none is named."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

DEFAULT = "make"
HELP = ("-h", "--help")


class Parts(Mapping[str, Any]):
    """Commands by their names, each loaded when it is first asked for: all of them take a second to load."""

    def __init__(self, package: str, places: Mapping[str, str]) -> None:
        """Take where each command is: `module:name` in the package, of a group or of a function."""
        self._package, self._places = package, places
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Load a command. Raises KeyError where none is called so."""
        if name not in self._loaded:
            module, _, attribute = self._places[name].partition(":")
            found = getattr(import_module(f"{self._package}.{module}"), attribute)
            alone = typer.Typer()
            if isinstance(found, typer.Typer):
                alone.add_typer(found, name=name)
            else:
                alone.command(name)(found)
            self._loaded[name] = typer.main.get_group(alone).commands[name]
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """Name every command, and load none."""
        return iter(self._places)

    def __len__(self) -> int:
        """Count the commands."""
        return len(self._places)


class OrIds(TyperGroup):
    """A group that is also its command `make`: what follows it is a command's name, or that command's own words."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name in front where none of this group's stands there."""
        if args and args[0] not in self.commands and args[0] not in HELP:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)
