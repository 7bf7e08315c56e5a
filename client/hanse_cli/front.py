"""Every command of `hanse`, and the groups in which they stand."""

from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hanse_cli.base.console import emit
from hanse_cli.base.groups import Parts
from hanse_cli.base.language import VARIABLE, choose
from hanse_words import ENGLISH

PARTS = {
    "verify": "verify:verify",
    "inspect": "verify:inspect",
    "inbox": "lists:inbox",
    "reads": "readers.whoread:reads",
    "page": "page:make_page",
    "demo": "demo:run_demo",
    "backup": "backup:backup",
    "doctor": "doctor:doctor",
    "restore": "backup:restore",
    "key": "key:app",
    "member": "members.member:app",
    "office": "members.office:app",
    "order": "members.order:app",
    "party": "party:app",
    "mandate": "members.mandate:app",
    "invoice": "invoice:app",
    "certificate": "certificate:app",
    "declaration": "declaration:app",
    "payment": "payment:app",
    "document": "papers.document:app",
    "folder": "papers.watching:app",
    "shipment": "carriage.shipment:app",
    "pledge": "financing.pledge:app",
    "title": "carriage.title:app",
    "consignment": "carriage.consignment:app",
    "record": "members.record:app",
    "bundle": "members.bundle:app",
    "tag": "financing.tag:app",
    "node": "node:app",
    "token": "readers.token:app",
    "webhook": "readers.webhook:app",
    "log": "log:app",
    "network": "network:network_app",
    "engine": "network:engine_app",
    "bench": "bench:app",
    "proof": "proof:app",
}
"""Commands and groups, in the order of `hanse --help`: each one's module in `hanse_cli.commands`, and name there."""


class Front(TyperGroup):
    """The group of all groups: what a command line does not name is not loaded."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands = Parts("hanse_cli.commands", PARTS)  # type: ignore[assignment]  # nobody adds to it


app = typer.Typer(
    name="hanse",
    cls=Front,
    help="Prove where goods come from, and that they were paid for, with one file that anyone checks offline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    lang: Annotated[
        str,
        typer.Option(
            "--lang",
            metavar="LANGUAGE",
            envvar=VARIABLE,
            help="Say verdicts and refusals in en, zh, de, fr, es or ar. What programs read is the same in each.",
        ),
    ] = ENGLISH,
) -> None:
    """Prove where goods come from, and that they were paid for, with one file that anyone checks offline."""
    choose(lang)
