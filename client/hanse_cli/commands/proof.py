"""`hanse proof` makes proofs, and publishes them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.consent import need_consent
from hanse_cli.base.console import say, table
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import is_there, write_file
from hanse_cli.base.groups import OrIds
from hanse_cli.base.language import chosen, tell
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import object_id_of, split_names
from hanse_cli.commands.papers.attaching import attach, detach
from hanse_cli.output.qrcodes import FORMATS, terminal_code, write_code
from hanse_cli.output.showing import describe
from hanse_client.base.errors import InvalidInput
from hanse_client.base.squarecodes import code_svg
from hanse_client.base.streams import is_stream
from hanse_client.base.views import Publication
from hanse_client.base.wording import aspect_rows
from hanse_client.verify.report import Report, term_words
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.values.messages import said
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_client.client import Client

app = typer.Typer(
    name="proof",
    cls=OrIds,
    help="Make proofs, publish them, put them on paper. `hanse proof ID…` is `hanse proof make ID…`.",
    no_args_is_help=True,
)

IdsArgument = Annotated[
    list[str], typer.Argument(metavar="ID", help="The objects to prove, 64 hexadecimal digits each.")
]
DiscloseOption = Annotated[
    list[str] | None,
    typer.Option(
        "--disclose",
        metavar="[ID:]TERMS",
        help="Terms to show, such as BT-1,BT-2; with several objects say whose: ID:BT-1. Repeatable. "
        "What the document does not state is shown as not stated.",
    ),
]

OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="Where to write the proof, such as trade.hanse.")]
PdfOption = Annotated[
    Path | None,
    typer.Option(
        "--pdf",
        metavar="FILE",
        help="Write it on paper too, as PDF/A-3 with the proof attached and a code of the status: published, "
        "the address, else the status itself where one code holds it.",
    ),
]
FromMarkOption = Annotated[
    bool,
    typer.Option(
        "--from-mark",
        help="Begin at the last way marks: a smaller file, and what came before is the cosigners' word.",
    ),
]
StatusOption = Annotated[
    bool, typer.Option("--status", help="Leave the records out: how it stands, on the operators' word alone.")
]
StoryOption = Annotated[
    str | None,
    typer.Option(
        "--story",
        metavar="origin|settlement|unpledged",
        help="Tell a story of an invoice: where its goods come from and who released them; how it is paid; that it is "
        "pledged to nobody.",
    ),
]
LineOption = Annotated[
    list[int] | None,
    typer.Option("--line", metavar="N", help="A line of the invoice whose goods --story origin shows. Repeatable."),
]
CodeOption = Annotated[
    list[Path] | None,
    typer.Option("--code", metavar="FILE", help="Write the QR code there too, .svg or .png. Repeatable."),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Its name or address, in capitals or small letters.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file.")]

NAME = re.compile(r"(?:.*/)?[A-Za-z2-7]{26}")
"""A name, or an address that ends in one; an object's id has 64 digits."""


@app.command("make")
@in_session
def make_proof(  # noqa: PLR0913 (each is an option of its own)
    ids: IdsArgument,
    *,
    out: OutOption = None,
    pdf: PdfOption = None,
    disclose: DiscloseOption = None,
    from_mark: FromMarkOption = False,
    status: StatusOption = False,
    story: StoryOption = None,
    line: LineOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Make a proof file about objects, and check it before it is written.

    Only who issued a document can disclose its terms: the opening lies in that home folder. Disclosing a term that the
    document does not state proves that it does not.

    A story of an invoice finds what belongs to it, and shows the terms that it needs: neither prices nor names. The
    headers of its records are in the file too: total, due date, pseudonyms.
    """
    _check_story(story, line, other=len(ids) > 1 or bool(disclose) or from_mark or status)
    if out is None and pdf is None:
        raise InvalidInput("Nothing says where the proof shall go.", "Name a file with --out, or with --pdf.")
    given_on = out is not None and is_stream(out)
    for path in (out, pdf):
        if path is not None and not is_stream(path) and not force and is_there(path):
            raise WouldOverwrite(path)
    objects = [object_id_of(name) for name in ids]
    with session.client(signs=False) as client:
        if story is None:
            terms = disclosures(objects, disclose or [])
            data = client.proof(*objects, disclose=terms, from_mark=from_mark, status=status)
        else:
            data = client.story(objects[0], story, lines=line or [])
        paper = _on_paper(session, client, objects[0], data) if pdf is not None else b""
    if out is not None:
        write_file(out, data, force=force)
    if pdf is not None:
        write_file(pdf, paper, force=force)
    made = [path for path in (out, pdf) if path is not None]
    if not given_on:
        document = {"proof": out and str(out), "pdf": pdf and str(pdf), "bytes": len(data), "objects": _subjects(data)}
        session.answer(document, "\n".join(map(str, made)))
    unstated = shown_as_unstated(data)
    if unstated:
        tell(said("proof.unstated", "Shown as not stated: {names}", unstated))
    if not given_on:
        check = f"hanse verify {made[0]} --trust trust.json --offline"
        tell(
            said(
                "proof.made",
                "Whoever has {file} and the ledger's trust file can check it: {command}",
                str(made[0]),
                check,
            )
        )


def _check_story(story: str | None, lines: list[int] | None, *, other: bool) -> None:
    """Refuse a story with options that say what else is to be shown. Raises InvalidInput."""
    if story is not None and other:
        raise InvalidInput(
            "A story is told of one invoice, and says itself what it shows.",
            "Leave the other options out, or name the objects and terms without --story.",
        )
    if lines and story is None:
        raise InvalidInput("--line belongs to --story origin.", "Name terms of a line with --disclose BG-25/1/BT-153.")


def _subjects(data: bytes) -> list[bytes]:
    return [evidence.id for evidence in read_proof(data).objects]


def _on_paper(session: CommandSession, client: "Client", first: bytes, proof: bytes) -> bytes:
    """Write a proof on paper: with the address where its first object is published from here, else with its status."""
    from hanse_client.verify.paper import report_pdf

    report = client.verify(proof)
    published = [each.address for each in client.publications.kept() if first in each.object_ids]
    code = published[-1] if published else ""
    if not code:
        try:
            code = f"{session.page_address()}#{client.publications.status_code(first)}"
            code_svg(code)
        except InvalidInput as error:
            tell(said("paper.no-code", "There is no code on it: {why}", str(error)))
            code = ""
    return report_pdf(report, proof, language=chosen(), code=code, published=bool(published))


def shown_as_unstated(data: bytes) -> list[str]:
    """List the terms of which one's own proof shows that the document does not state them."""
    described = describe(data)["terms"]
    assert isinstance(described, list)
    return [term["name"] for term in described if term["value"] is None]


def disclosures(objects: list[bytes], texts: list[str]) -> dict[bytes | str, list[str]]:
    """Collect the names of terms by object."""
    wanted: dict[bytes | str, list[str]] = {}
    for text in texts:
        head, mark, rest = text.rpartition(":")
        if not mark and len(objects) > 1:
            raise InvalidInput(f"--disclose {text[:80]} does not say whose terms.", "Write it as ID:BT-1,BT-2.")
        owner = object_id_of(head) if mark else objects[0]
        wanted.setdefault(owner, []).extend(split_names(rest))
    return wanted


@app.command()
@in_session
def publish(
    ids: IdsArgument,
    *,
    disclose: DiscloseOption = None,
    code: CodeOption = None,
    force: ForceOption = False,
    yes: Annotated[bool, typer.Option("--yes", help="Publish what is shown without being asked.")] = False,
    session: CommandSession,
) -> None:
    """Publish how objects stand under an address that nobody guesses, and print it, with its QR code.

    Whoever has the address reads it, without an account; the node renews it hourly, so that a later revocation shows.
    With terms the records are published too, and all that stands in them: it is shown, and asked. The token needs the
    scope publish. What withdraws it is kept in the home folder.
    """
    _check_files(code or [], force=force)
    objects = [object_id_of(name) for name in ids]
    terms = disclosures(objects, disclose or [])
    with session.client(signs=False) as client:
        proof = client.proof(*objects, disclose=terms, status=not terms)
        rows = list(told_by(client.verify(proof)))
        need_consent("This is what everybody reads who has the address", rows, yes=yes)
        published = client.publications.publish(proof)
    for path in code or []:
        write_code(path, published.address, force=force)
    session.answer(_document(published), published.address)
    if not session.json:
        say(terminal_code(published.address))
        say(f"Print the address in words beside the code. To take it back: hanse proof unpublish {published.name}")


@app.command()
@in_session
def published(*, session: CommandSession) -> None:
    """List what was published from this home folder and not withdrawn. No node is asked."""
    with session.client(signs=False) as client:
        found = client.publications.kept()
    rows = [
        (
            each.address,
            f"{moment_words(each.published_ms)}; {', '.join(each_id.hex() for each_id in each.object_ids)}"
            f"{'; ' + ', '.join(each.terms) if each.terms else ''}"
            f"{'' if each.answered else '; no answer came: publish the same again'}",
        )
        for each in found
    ]
    session.answer([_document(each) for each in found], table(rows))
    if not found:
        say("There is nothing.")


@app.command()
@in_session
def unpublish(name: NameArgument, *, session: CommandSession) -> None:
    """Take a published proof back: its address shows nothing any more. Whoever has read it has read it."""
    with session.client(signs=False) as client:
        gone = client.publications.withdraw(name)
    session.answer({**_document(gone), "withdrawn": True}, f"{gone.address} shows nothing any more.")


@app.command()
@in_session
def code(
    what: Annotated[str, typer.Argument(metavar="ID|NAME", help="An object, or what was published, by its name.")],
    *,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            help="What stands before a status, and is opened by a phone: the address of a verifier page; - for none. "
            "By default the node's own page.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the code there, .svg or .png.")] = None,
    force: ForceOption = False,
    session: CommandSession,
) -> None:
    """Make the QR code of an object's status, for halls without a network; or of what was published.

    A status stands in the code whole, as digits: a verifier page that was saved before checks it and asks nobody. It
    is as old as the paper, cannot be withdrawn, and is never better than valid with warnings.
    """
    _check_files([out] if out else [], force=force)
    with session.client(signs=False) as client:
        if NAME.fullmatch(what):
            wanted = what.rpartition("/")[2].upper()
            found = [each.address for each in client.publications.kept() if each.name == wanted]
            if not found:
                raise InvalidInput(f"{what[:80]} was not published from here.", "See: hanse proof published")
            text, document = found[0], {"address": found[0]}
        else:
            digits = client.publications.status_code(object_id_of(what))
            page = session.page_address() if address is None else address
            text = digits if page == "-" else f"{page.partition('#')[0]}#{digits}"
            document = {"object": object_id_of(what).hex(), "status": digits, "address": text}
    if out is not None:
        write_code(out, text, force=force)
    session.answer(document, text)
    if not session.json and out is None:
        say(terminal_code(text))


def told_by(report: Report) -> Iterator[tuple[str, str]]:
    """Say what a proof tells whoever reads it: objects with all that is shown of them, records, terms."""
    for subject in report.subjects:
        yield subject.kind, f"{subject.id.hex()}: {subject.state}"
        yield from aspect_rows(subject.facts)
    for act in report.acts:
        yield "record", f"{act.kind} of {moment_words(act.time)}, signed by {', '.join(act.signers)}, with its header"
    for term in report.terms:
        yield "term", term_words(term)


def _document(published: Publication) -> dict[str, object]:
    return {
        "address": published.address,
        "name": published.name,
        "node": published.node,
        "objects": list(published.object_ids),
        "terms": list(published.terms),
        "published": moment_words(published.published_ms),
        "answered": published.answered,
    }


def _check_files(paths: list[Path], *, force: bool) -> None:
    """Insist that codes can be written there, before anything is published. Raises InvalidInput, WouldOverwrite."""
    for path in paths:
        if path.suffix.lower() not in FORMATS:
            raise InvalidInput(f"{path} ends neither in .svg nor in .png.", "Name the file so: that says what is made.")
        if not force and is_there(path):
            raise WouldOverwrite(path)


app.command("attach")(attach)
app.command("detach")(detach)
