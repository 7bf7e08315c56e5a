"""`hanse document get`: a sealed document is fetched, opened, and compared with the record that commits to it."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.files import write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ObjectArgument
from hanse_cli.output.exits import OF_VERDICT
from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.verdict import Verdict

ShareOption = Annotated[
    str | None,
    typer.Option(
        "--share",
        metavar="READER,…",
        help="Who shall be able to open the document: members by their names, for their offices; parties by their ids.",
    ),
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
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the document is written.")],
    session: CommandSession,
) -> None:
    """Fetch a document that is sealed to you, open it, and say whether it is what its record commits to.

    The file, its terms, and what the record says in the clear are compared. One that contradicts its record is not
    written: it ends with 10. What nothing here can compare is said; it ends with 20. What breaks off is resumed.
    """
    with session.client() as client:
        found = client.documents.get(object_id)
    report, content = found.report, found.content
    lines = [f"{each.what}: {each.verdict.value}: {each.why}" for each in report.findings]
    if report.verdict is Verdict.TAMPERED:
        written = "It is not written: who sealed it must explain it."
    else:
        write_file(out, content.file, private=True)
        written = f"Written to {out}, which its sender calls {content.name!r}."
    fields = {
        "findings": [{"verdict": each.verdict.value, "what": each.what, "why": each.why} for each in report.findings],
        "media": content.media,
        "name": content.name,
        "verdict": report.verdict.value,
    }
    session.answer(fields, "\n".join([f"The document is {report.verdict.value}.", *lines, written]))
    raise typer.Exit(OF_VERDICT[report.verdict])
