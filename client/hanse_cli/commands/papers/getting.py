"""`hanse document get`: a sealed document is fetched, opened, and compared with the record that commits to it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import table
from hanse_cli.base.files import write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ObjectArgument
from hanse_cli.output.exits import OF_VERDICT
from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.patterns import one_line
from hanse_ledger.values.verdict import Verdict

if TYPE_CHECKING:
    from hanse_client.resources.sharing.sealed import OpenedDocument, OpenedTerms

SHOWN = 16
"""So many terms are named in the command that proves them on."""

ShareOption = Annotated[
    str | None,
    typer.Option(
        "--share",
        metavar="READER,…",
        help="Who shall be able to open the document: members by their names, for their offices; parties by their ids.",
    ),
]


ShareBuyerOption = Annotated[
    bool, typer.Option("--share-buyer", help="Let the buyer open the document too; of many, each buyer its own.")
]


def readers_of(text: str | None) -> list[str]:
    """Read a list of readers. Raises InvalidInput: one of them is empty."""
    readers = [] if text is None else [each.strip() for each in text.split(",")]
    if any(not each for each in readers):
        raise InvalidInput("One of the readers is empty.", "Part them by commas, such as customs-be,bank-cn.")
    return readers


@in_session
def get(
    object_id: ObjectArgument,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where the document is written; without it, it is compared."),
    ] = None,
    session: CommandSession,
) -> None:
    """Fetch a document that is sealed to you, open it, and say whether it is what its record commits to.

    The file, its terms, and what the record says in the clear are compared. One that contradicts its record is not
    written: it ends with 10. What nothing here can compare is said; it ends with 20. What breaks off is resumed.

    Where its owner has sealed chosen terms to you, and not the document, they are shown, and no file is written. Either
    way they are kept in the home folder: hanse proof ID --disclose proves them on.
    """
    from hanse_client.resources.sharing.sealed import OpenedTerms

    with session.client() as client:
        found = client.documents.open(object_id)
    if isinstance(found, OpenedTerms):
        fields, said = _terms_shown(found, out)
    else:
        fields, said = _document_written(found, out)
    report = found.report
    findings = [{"verdict": each.verdict.value, "what": each.what, "why": each.why} for each in report.findings]
    told = [f"{each.what}: {each.verdict.value}: {each.why}" for each in report.findings]
    first, *others = said
    fields = {**fields, "findings": findings, "verdict": report.verdict.value}
    session.answer(fields, "\n".join([first, *told, *others]))
    raise typer.Exit(OF_VERDICT[report.verdict])


def _document_written(found: "OpenedDocument", out: Path | None) -> tuple[dict[str, object], list[str]]:
    """Write a document that does not contradict its record; say what is said of it."""
    content, verdict = found.content, found.report.verdict
    if verdict is Verdict.TAMPERED:
        written = "It is not written: who sealed it must explain it."
    elif out is None:
        written = f"It is not written: name a file with -o. Its sender calls it {content.name!r}."
    else:
        write_file(out, content.file, private=True)
        written = f"Written to {out}, which its sender calls {content.name!r}."
    fields: dict[str, object] = {"media": content.media, "name": content.name, "opened": "document"}
    return fields, [f"The document is {verdict.value}.", written]


def _terms_shown(found: "OpenedTerms", out: Path | None) -> tuple[dict[str, object], list[str]]:
    """Show the terms that a reader was given instead of the document."""
    verdict = found.report.verdict
    fields: dict[str, object] = {
        "belongs_to": found.belongs_to,
        "opened": "terms",
        "record": found.record,
        "terms": found.terms,
        "terms_of": found.name,
    }
    if not found.terms:
        return fields, [f"The terms that are sealed to you are {verdict.value}.", "None of them is shown or kept."]
    rows = [(name, "not stated" if text is None else one_line(text)) for name, text in found.terms.items()]
    whose = "" if found.name == found.belongs_to else f"{found.name.hex()}:"
    names = ",".join(list(found.terms)[:SHOWN])
    lines = [
        f"{len(rows)} terms of the document are sealed to you, and are {verdict.value}.",
        table(rows),
        f"Prove them on: hanse proof {found.belongs_to.hex()} --disclose {whose}{names} -o FILE",
    ]
    if out is not None:
        lines.append(f"Not the document is sealed to you: nothing is written to {out}.")
    return fields, lines
