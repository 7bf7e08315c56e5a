"""Every command of `hanse`, and the groups in which they stand."""

from importlib import metadata
from typing import Annotated

import typer

from hanse_cli.base.console import emit
from hanse_cli.commands import (
    backup,
    bench,
    certificate,
    declaration,
    demo,
    doctor,
    handover,
    invoice,
    key,
    log,
    member,
    network,
    node,
    party,
    payment,
    proof,
    token,
)

app = typer.Typer(
    name="hanse",
    help="Prove where goods come from, and that they were paid for, with one file that anyone checks offline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(key.app)
app.add_typer(member.app)
app.add_typer(party.app)
app.add_typer(invoice.app)
app.add_typer(certificate.app)
app.add_typer(declaration.app)
app.add_typer(payment.app)
app.add_typer(node.app)
app.add_typer(token.app)
app.add_typer(log.app)
app.add_typer(network.network_app)
network.network_app.command("hand-over")(handover.hand_over)
network.network_app.command("take-over")(handover.take_over)
app.add_typer(network.engine_app)
app.add_typer(bench.app)
app.command("proof")(proof.make_proof)
app.command("verify")(proof.verify)
app.command("inspect")(proof.inspect)
app.command("demo")(demo.run_demo)
app.command("backup")(backup.backup)
app.command("doctor")(doctor.doctor)
app.command("restore")(backup.restore)


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
