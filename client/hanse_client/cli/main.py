"""The front page of the command line: every group of commands, and how an error becomes an exit code."""

import sys
import traceback
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer
from typer.exceptions import TyperException

from hanse_client.cli import bench, certificate, declaration, demo, invoice, key, log, node, party, payment, proof
from hanse_client.cli.console import emit, emit_json, say
from hanse_client.cli.exits import error_document, meaning_of, words_of

app = typer.Typer(
    name="hanse",
    help="Prove where goods come from, and that they were paid for, with one file that anyone checks offline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(key.app)
app.add_typer(party.app)
app.add_typer(invoice.app)
app.add_typer(certificate.app)
app.add_typer(declaration.app)
app.add_typer(payment.app)
app.add_typer(node.app)
app.add_typer(log.app)
app.add_typer(bench.app)
app.command("proof")(proof.make_proof)
app.command("verify")(proof.verify)
app.command("inspect")(proof.inspect)
app.command("demo")(demo.run_demo)


def _version(wanted: bool) -> None:
    if wanted:
        try:
            emit(f"hanse {metadata.version('hanse')}")
        except metadata.PackageNotFoundError:
            emit("hanse, run from its source folder without being installed")
        raise typer.Exit


@app.callback()
def hanse(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Prove where goods come from, and that they were paid for, with one file that anyone checks offline."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line, without the program's name, and give its exit code."""
    try:
        # What a command returns by `typer.Exit` comes back as a number; nothing else does.
        return int(app(list(arguments), prog_name="hanse", standalone_mode=False) or 0)
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 (the outermost boundary: nothing shows a traceback but a bug)
        return _fail(error, as_json="--json" in arguments)


def _fail(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong, on stderr or as the JSON document that was asked for."""
    meaning, (message, action) = meaning_of(error), words_of(error)
    if meaning.code == "bug":
        say("".join(traceback.format_exception(error)))
    if as_json:
        emit_json(error_document(error))
    context = getattr(error, "ctx", None) if isinstance(error, TyperException) else None
    if context is not None:
        say(context.get_usage())
    say(f"{message} {action}".strip())
    return int(meaning.exit_code)


def main() -> None:
    """Run `hanse` with the words that it was started with."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
