"""Goods that come from another declaration: out of a zone, of which they are stock, or back from an import."""

from collections.abc import Mapping

from msgspec.structs import replace

from hanse_ledger.kinds.common import require
from hanse_ledger.kinds.declaration.bodies import DeclarationLine, LodgeDeclaration
from hanse_ledger.kinds.declaration.entitled import find_declaration
from hanse_ledger.kinds.declaration.refusals import (
    CERTIFICATE_NOT_ASKED,
    DECLARED_LINE_UNKNOWN,
    LINE_DIFFERS_FROM_SOURCE,
    SOURCE_OF_OTHER_OFFICE,
    SOURCE_OF_OTHER_REGIME,
    SOURCE_OF_OTHER_TRADER,
    SOURCE_OVERDRAWN,
    SOURCE_UNFIT,
)
from hanse_ledger.kinds.declaration.state import CERTIFIED, SOURCES, Declaration, DeclaredLine
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.figures import quantity_text
from hanse_ledger.values.types import ObjectId, same_hs_code


def draw(state: StateView, body: LodgeDeclaration) -> tuple[Declaration, ...]:
    """Check each line against the line that it comes from, earlier lines of the same declaration counted, and draw."""
    wanted = SOURCES.get(body.regime, ())
    found: dict[ObjectId, Declaration] = {}
    for place, line in enumerate(body.lines):
        pointer = f"/body/lines/{place}/source"
        unasked = line.certificate is None or body.regime in CERTIFIED
        require(unasked, CERTIFICATE_NOT_ASKED, f"/body/lines/{place}/certificate", seen=body.regime)
        require((line.source is not None) == (len(wanted) > 0), SOURCE_UNFIT, pointer, seen=body.regime)
        if line.source is None:
            continue
        name, number = line.source.declaration, line.source.line
        source = found.get(name) or find_declaration(state, name, f"{pointer}/declaration")
        links, regime = source.links, source.status.regime
        require(regime in wanted, SOURCE_OF_OTHER_REGIME, pointer, seen=regime, wanted=" or ".join(wanted))
        require(links.customs == body.customs, SOURCE_OF_OTHER_OFFICE, pointer, seen=body.customs, wanted=links.customs)
        trader = links.declarant if links.principal is None else links.principal
        require(trader in (body.declarant, body.principal), SOURCE_OF_OTHER_TRADER, pointer, wanted=trader)
        count = len(source.lines)
        require(number <= count, DECLARED_LINE_UNKNOWN, f"{pointer}/line", seen=number, wanted=f"at most {count}")
        held = source.lines[number - 1]
        _require_same(line, held, pointer)
        require(
            line.quantity_micro <= held.available_micro,
            SOURCE_OVERDRAWN,
            f"/body/lines/{place}/quantity_micro",
            seen=quantity_text(line.quantity_micro, line.unit),
            wanted=f"at most {quantity_text(held.available_micro, held.unit)}",
        )
        found[name] = _drawn(source, number, line.quantity_micro)
    return tuple(found.values())


def given_back_to_sources(
    state: StateView, declaration: Declaration, quantities: Mapping[int, int]
) -> tuple[Declaration, ...]:
    """Let go of what lines, counted from 1, have drawn: it is left where it came from."""
    found: dict[ObjectId, Declaration] = {}
    for number, quantity_micro in quantities.items():
        use = declaration.lines[number - 1].source
        if use is not None:
            source = found.get(use.declaration) or find_declaration(state, use.declaration, "/body/declaration")
            found[use.declaration] = _drawn(source, use.line, -quantity_micro)
    return tuple(found.values())


def _require_same(line: DeclarationLine, held: DeclaredLine, pointer: str) -> None:
    declared, there = (line.hs_code, line.origin, line.unit), (held.hs_code, held.origin, held.unit)
    require(
        same_hs_code(line.hs_code, held.hs_code) and declared[1:] == there[1:],
        LINE_DIFFERS_FROM_SOURCE,
        pointer,
        seen=" ".join(declared),
        wanted=" ".join(there),
    )


def _drawn(source: Declaration, number: int, quantity_micro: int) -> Declaration:
    line = source.lines[number - 1]
    moved = replace(line, drawn_micro=line.drawn_micro + quantity_micro)
    return replace(source, lines=(*source.lines[: number - 1], moved, *source.lines[number:]))
