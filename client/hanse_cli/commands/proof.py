"""`hanse proof` makes a proof file, `hanse verify` judges one, `hanse inspect` shows what a file says."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from hanse_cli.base.console import emit, emit_json_text, say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import is_there, read_file, write_file
from hanse_cli.base.session import PANEL, CaOption, CommandSession, JsonOption, TrustOption, answer, in_session
from hanse_cli.base.values import moment_of, object_id_of, span_of, split_names
from hanse_cli.output.exits import OF_VERDICT
from hanse_cli.output.showing import A_PROOF, describe, describe_text
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.base.streams import is_stream
from hanse_client.verify.offline import verify_path
from hanse_client.verify.report import Report, report_json, report_text
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.verdict import Verdict

FileArgument = Annotated[Path, typer.Argument(help="The file.")]

RELIABLE = {Verdict.VALID, Verdict.VALID_WITH_WARNINGS}


@in_session
def make_proof(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="The objects to prove, 64 hexadecimal digits each.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the proof, such as trade.hanse.")],
    disclose: Annotated[
        list[str] | None,
        typer.Option(
            "--disclose",
            metavar="[ID:]TERMS",
            help="Terms to show, such as BT-1,BT-2; with several objects say whose: ID:BT-1. Repeatable. "
            "What the document does not state is shown as not stated.",
        ),
    ] = None,
    from_mark: Annotated[
        bool,
        typer.Option(
            "--from-mark",
            help="Begin at the last way marks: a smaller file, and what came before is the cosigners' word.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Make a proof file about objects, and check it before it is written.

    Only who issued a document can disclose its terms: the opening lies in that home folder. Disclosing a term that the
    document does not state proves that it does not.
    """
    given_on = is_stream(out)
    if not given_on and not force and is_there(out):
        raise WouldOverwrite(out)
    objects = [object_id_of(name) for name in ids]
    with session.client(signs=False) as client:
        data = client.proof(*objects, disclose=disclosures(objects, disclose or []), from_mark=from_mark)
    write_file(out, data, force=force)
    if not given_on:
        session.answer({"proof": str(out), "bytes": len(data), "objects": objects}, str(out))
    unstated = shown_as_unstated(data)
    if unstated:
        say(f"Shown as not stated: {', '.join(unstated)}")
    if not given_on:
        check = f"hanse verify {out} --trust trust.json --offline"
        say(f"Whoever has {out} and the ledger's trust file can check it: {check}")


def shown_as_unstated(data: bytes) -> list[str]:
    """List the terms of which one's own proof shows that the document does not state them."""
    described = describe(data)["terms"]
    assert isinstance(described, list)
    return [term["name"] for term in described if term["value"] is None]


def disclosures(objects: list[bytes], given: list[str]) -> dict[bytes | str, list[str]]:
    """Collect the names of terms by object."""
    wanted: dict[bytes | str, list[str]] = {}
    for text in given:
        head, mark, rest = text.rpartition(":")
        if not mark and len(objects) > 1:
            raise InvalidInput(f"--disclose {text[:80]} does not say whose terms.", "Write it as ID:BT-1,BT-2.")
        owner = object_id_of(head) if mark else objects[0]
        wanted.setdefault(owner, []).extend(split_names(rest))
    return wanted


def verify(  # noqa: PLR0913 (one argument an option)
    file: FileArgument,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Open no socket, even where HANSE_NODE names a node.")
    ] = False,
    trust: TrustOption = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Judge validities and age at this time, ISO 8601; by default now."),
    ] = None,
    max_age: Annotated[
        str | None,
        typer.Option(
            "--max-age",
            metavar="SPAN",
            help="Take no proof that is older, such as 7d, 36h or 90m: it cannot be checked then.",
        ),
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(
            "--node",
            envvar="HANSE_NODE",
            help="Also ask this node whether it still holds; without it nobody is asked.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", envvar="HANSE_HOME", help="Folder for checkpoints.", rich_help_panel=PANEL)
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", envvar="HANSE_TOKEN_FILE", help="The node's bearer token.", rich_help_panel=PANEL),
    ] = None,
    ca_file: CaOption = None,
    json: JsonOption = False,
) -> None:
    """Check a proof file against the trust file; the exit code is the verdict's.

    0 valid, 10 tampered, 11 revoked, expired or superseded, 12 issuer not trusted, 13 not found,
    14 unsupported format, 20 cannot check, 30 node or network.
    """
    moment = moment_of(at) if at else now_ms()
    session = CommandSession(node=node or "", trust=trust, home=home, token_file=token_file, ca_file=ca_file)
    trusted = session.trusted()
    report = verify_path(file, trusted, moment, max_age_ms=span_of(max_age) if max_age else None)
    if trusted is None:
        say("No trust file was given. Get the ledger's trust.json from a member, and name it with --trust.")
    if node and not offline and trusted is not None and report.verdict in RELIABLE:
        report = _as_it_stands(report, session, moment)
    elif report.as_of is not None:
        say(f"This is as of {moment_words(report.as_of)}; nobody was asked what has happened since.")
    if json:
        emit_json_text(report_json(report))
    else:
        emit(report_text(report).rstrip())
    raise typer.Exit(OF_VERDICT[report.verdict])


def _as_it_stands(report: Report, session: CommandSession, moment: int) -> Report:
    """Ask a node for a proof of the same objects as they stand now, and let the worse verdict count."""
    with session.client(signs=False) as client:
        newer = client.verify(client.proof(*(subject.id for subject in report.subjects)), moment)
        report = replace(report, warnings=(*report.warnings, *(notice.message for notice in client.warnings)))
    if newer.verdict in RELIABLE:
        assert newer.as_of is not None
        say(f"It still held at {moment_words(newer.as_of)}, as {session.node} has proven.")
        return report
    return replace(
        report,
        verdict=newer.verdict,
        detail=f"since the file was made: {newer.detail}",
        warnings=(*report.warnings, f"the node at {session.node} has proven a later state"),
    )


def inspect(file: FileArgument, *, json: JsonOption = False) -> None:
    """Show what a proof, a trust file, a request or a record says. Nothing in it is checked."""
    description = describe(read_file(file, limits.PROOF_FILE_BYTES, "file"))
    answer(description, describe_text(description), as_json=json)
    say(f"Nothing was checked: this is what {file} says of itself.")
    if description["file"] == A_PROOF:
        say(f"To check it: hanse verify {file} --trust trust.json")
