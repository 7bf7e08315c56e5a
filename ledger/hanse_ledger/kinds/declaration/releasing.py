"""Declared goods are released, in parts or at once, and what was released by mistake is corrected."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.balances import lower_write_off, write_off
from hanse_ledger.kinds.common import Context, Signers, require
from hanse_ledger.kinds.declaration.bodies import CorrectDeclaration, LineQuantity, ReleaseDeclaration
from hanse_ledger.kinds.declaration.drawing import certificates_of, drawing_lines, moved, moved_by, require_live
from hanse_ledger.kinds.declaration.entitled import decidable, decided, of_office
from hanse_ledger.kinds.declaration.refusals import (
    CORRECTED_TOO_MUCH,
    DECLARED_LINE_UNKNOWN,
    LINES_NOT_SORTED,
    MORE_THAN_LODGED,
    NOT_RELEASED_BY,
)
from hanse_ledger.kinds.declaration.sources import given_back_to_sources
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState, DeclaredLine
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.figures import quantity_text
from hanse_ledger.values.types import RecordId


def release_declaration(state: StateView, body: ReleaseDeclaration, signers: Signers, context: Context) -> Delta:
    """C-2. The customs authority addressed releases goods; what an import had reserved for them is written off."""
    declaration = decidable(state, body.declaration, signers)
    released = declaration.rest
    if body.lines is not None:
        released = {}
        for pointer, line, quantity_micro in _lines_of(declaration, body.lines):
            require(
                quantity_micro <= line.open_micro,
                MORE_THAN_LODGED,
                f"{pointer}/quantity_micro",
                seen=quantity_text(quantity_micro, line.unit),
                wanted=f"at most {quantity_text(line.open_micro, line.unit)}",
            )
        released = {part.line: part.quantity_micro for part in body.lines}
    certificates = certificates_of(state, drawing_lines(declaration, released))
    for certificate in certificates.values():
        # Validity was judged when the declaration was lodged; a late decision does not void it.
        require_live(certificate, "/body/declaration")

    # From here the release must succeed.
    lines = tuple(
        _released(line, released.get(number, 0), context.record)
        for number, line in enumerate(declaration.lines, start=1)
    )
    written = moved(certificates, declaration.lines, released.items(), write_off, moved_by(declaration, context))
    status = replace(declaration.status, heard=context.at)
    return Delta(objects=(decided(replace(declaration, status=status), lines, _state_of(lines)), *written))


def correct_declaration(state: StateView, body: CorrectDeclaration, signers: Signers, context: Context) -> Delta:
    """C-9. The customs authority addressed lowers what it had released by mistake; it never raises it."""
    declaration = of_office(state, body.declaration, signers)
    for pointer, line, quantity_micro in _lines_of(declaration, body.lines):
        released_by = line.released_by or b""
        require(released_by == body.release, NOT_RELEASED_BY, pointer, seen=body.release, wanted=released_by)
        require(
            quantity_micro <= line.available_micro,
            CORRECTED_TOO_MUCH,
            f"{pointer}/quantity_micro",
            seen=quantity_text(quantity_micro, line.unit),
            wanted=f"at most {quantity_text(line.available_micro, line.unit)}",
        )

    # From here the correction must succeed.
    less = {part.line: part.quantity_micro for part in body.lines}
    lines = tuple(
        replace(line, released_micro=line.released_micro - less.get(number, 0))
        for number, line in enumerate(declaration.lines, start=1)
    )
    certificates = certificates_of(state, drawing_lines(declaration, less))
    lowered = moved(certificates, declaration.lines, less.items(), lower_write_off, moved_by(declaration, context))
    sources = given_back_to_sources(state, declaration, less)
    present = declaration.status.state
    after = present if present is DeclarationState.PARTLY_RELEASED else DeclarationState.CUT_SHORT
    status = replace(declaration.status, heard=context.at)
    return Delta(objects=(decided(replace(declaration, status=status), lines, after), *lowered, *sources))


def _lines_of(declaration: Declaration, parts: Sequence[LineQuantity]) -> Iterator[tuple[str, DeclaredLine, int]]:
    """Find each line that is named, with the place where it is named, and the quantity; or refuse."""
    numbers = [part.line for part in parts]
    require(numbers == sorted(set(numbers)), LINES_NOT_SORTED, "/body/lines")
    count = len(declaration.lines)
    for place, part in enumerate(parts):
        pointer = f"/body/lines/{place}"
        require(part.line <= count, DECLARED_LINE_UNKNOWN, f"{pointer}/line", seen=part.line, wanted=f"at most {count}")
        yield pointer, declaration.lines[part.line - 1], part.quantity_micro


def _released(line: DeclaredLine, quantity_micro: int, by: RecordId) -> DeclaredLine:
    if quantity_micro == 0:
        return line
    return replace(
        line,
        open_micro=line.open_micro - quantity_micro,
        released_by=by,
        released_micro=line.released_micro + quantity_micro,
    )


def _state_of(lines: Sequence[DeclaredLine]) -> DeclarationState:
    """Tell how far a release has come: where nothing is open, all that was declared is released, or was once."""
    if any(line.open_micro > 0 for line in lines):
        return DeclarationState.PARTLY_RELEASED
    whole = all(line.released_micro == line.quantity_micro for line in lines)
    return DeclarationState.RELEASED if whole else DeclarationState.CUT_SHORT
