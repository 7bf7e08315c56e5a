"""QR codes: in the terminal, and as files to print."""

import io
from pathlib import Path

from hanse_cli.base.files import write_file
from hanse_client.base.errors import InvalidInput
from hanse_client.base.squarecodes import QUIET_MODULES, code_svg, make_code

FORMATS = (".svg", ".png")
PIXELS = 8
"""So many a module has in a PNG: 300 dots an inch make a module of two thirds of a millimetre of it."""


def terminal_code(text: str) -> str:
    """Draw a code with half blocks, dark on light whatever the terminal's colours are."""
    drawn = io.StringIO()
    make_code(text).terminal(out=drawn, border=QUIET_MODULES, compact=True)
    return drawn.getvalue().rstrip("\n")


def write_code(path: Path, text: str, *, force: bool) -> None:
    """Write a code into a file: SVG or PNG, by its name's ending. Raises InvalidInput, WouldOverwrite."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InvalidInput(f"{path} ends neither in .svg nor in .png.", "Name the file so: that says what is written.")
    if ending == ".svg":
        write_file(path, code_svg(text), force=force)
        return
    drawn = io.BytesIO()
    make_code(text).save(drawn, kind="png", scale=PIXELS, border=QUIET_MODULES)
    write_file(path, drawn.getvalue(), force=force)
