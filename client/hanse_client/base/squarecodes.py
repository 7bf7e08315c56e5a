"""QR codes of addresses and of statuses."""

import io

import segno

from hanse_client.base.errors import InvalidInput

QUIET_MODULES = 4
"""The white margin that ISO/IEC 18004 asks for."""


def make_code(text: str) -> segno.QRCode:
    """Make the smallest code of a text; what stands behind its `#` as digits takes the fewest modules.

    Raises:
        InvalidInput: no code holds so much.
    """
    before, mark, digits = text.partition("#")
    parts = [f"{before}{mark}", digits] if mark and digits.isdecimal() else [text]
    # Long codes are dense enough; short ones get what correction fits beside them.
    try:
        level = "l" if digits or text.isdecimal() else "m"
        return segno.make_qr(parts, error=level)  # type: ignore[arg-type] # a part each, which it takes and does not say
    except segno.DataOverflowError as error:
        step = "Publish the proof, and print its address."
        raise InvalidInput(f"No QR code holds {len(text)} letters.", step) from error


def code_svg(text: str) -> bytes:
    """Draw a code as SVG. Raises InvalidInput."""
    drawn = io.BytesIO()
    make_code(text).save(drawn, kind="svg", scale=1, border=QUIET_MODULES, xmldecl=True, unit=None)
    return drawn.getvalue()
