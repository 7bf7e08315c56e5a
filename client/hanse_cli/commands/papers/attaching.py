"""`hanse proof attach` and `detach`: a proof goes into a PDF, and comes out of it."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import is_there, read_file, write_file
from hanse_cli.base.language import tell
from hanse_cli.base.session import JsonOption, answer
from hanse_client.base.errors import InvalidInput
from hanse_ledger.values import limits
from hanse_ledger.values.messages import said

PdfArgument = Annotated[Path, typer.Argument(metavar="FILE.pdf", help="The PDF.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file.")]


def attach(
    file: PdfArgument,
    proof: Annotated[Path, typer.Argument(metavar="PROOF.hanse", help="The proof file.")],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE.pdf", help="Where to write the PDF with the proof.")
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Take out a proof that is attached already.")] = False,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Attach a proof to a PDF, such as an invoice, as PDF/A-3 has it; `hanse verify` finds it there.

    No byte of the PDF is changed: what is new stands behind its end, so that signatures over it still hold; where one
    allows no change, nothing is attached. Nothing is checked: whoever gets the PDF verifies it.
    """
    from hanse_client.verify.inpdf import PDF_BYTES, with_proof
    from hanse_documents.paper.pdffile import conformance, signatures

    if not force and is_there(out):
        raise WouldOverwrite(out)
    given = read_file(file, PDF_BYTES, "PDF")
    made = with_proof(given, read_file(proof, limits.PROOF_FILE_BYTES, "proof"), replace=replace)
    part, signed = conformance(given), signatures(given).count
    write_file(out, made, force=force)
    answer({"pdf": str(out), "bytes": len(made), "pdf_a": part, "signatures": signed}, str(out), as_json=json)
    if signed:
        tell(
            said(
                "pdf.signed",
                "{file} is signed: its signature holds for what it covers, and does not cover the proof; a viewer says "
                "that something was added behind it.",
                str(file),
            )
        )
    if part in (1, 2):
        tell(
            said(
                "pdf.no-longer-a",
                "{file} says that it is PDF/A-{part}, which allows no attachment: {out} is a PDF, and no PDF/A.",
                str(file),
                part,
                str(out),
            )
        )


def detach(
    file: PdfArgument,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE.hanse", help="Where to write the proof.")],
    number: Annotated[int | None, typer.Option("--number", min=1, help="Which, where there are several.")] = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Take the proof out of a PDF. Nothing is checked."""
    from hanse_client.verify.inpdf import PDF_BYTES, proofs_in

    found = proofs_in(read_file(file, PDF_BYTES, "PDF"))
    if not found:
        raise InvalidInput(f"{file} has no proof attached.", "Ask whoever gave it for the proof.")
    if number is None and len(found) > 1:
        raise InvalidInput(f"{file} has {len(found)} proofs attached.", f"Say which: --number 1 to {len(found)}.")
    if number is not None and number > len(found):
        raise InvalidInput(f"{file} has {len(found)} proofs attached, and no number {number}.", "Count from 1.")
    data = found[(number or 1) - 1]
    write_file(out, data, force=force)
    answer({"proof": str(out), "bytes": len(data), "attached": len(found)}, str(out), as_json=json)
