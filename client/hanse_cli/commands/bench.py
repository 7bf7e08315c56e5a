"""`hanse bench`: append, verify, read. Each measures a node of its own, from the SDK's side, everything verified."""

from typing import Annotated

import typer

from hanse_cli.base.session import JsonOption
from hanse_cli.folders.nodefolder import DATABASE
from hanse_client.base.errors import InvalidInput

app = typer.Typer(
    name="bench",
    help="Measure this machine: a node of its own in a temporary folder (TMPDIR says on which disk). "
    "Needs the extra `node`.",
    no_args_is_help=True,
)

RecordsOption = Annotated[int, typer.Option("--records", min=1, max=1_000_000, help="How many in all.")]
BatchOption = Annotated[int, typer.Option("--batch", min=1, max=1_000, help="How many records a call carries.")]
CallersOption = Annotated[int, typer.Option("--callers", min=1, max=64, help="How many call at the same time.")]


ObjectsOption = Annotated[
    int, typer.Option("--objects", min=0, max=10_000_000, help="How many objects stand in the ledger before.")
]


@app.command()
def append(
    *,
    records: RecordsOption = 10_000,
    batch: BatchOption = 100,
    callers: CallersOption = 8,
    objects: ObjectsOption = 10_000,
    every: Annotated[
        int, typer.Option("--every", min=0, help="Measure also on the way, after each so many objects; 0 does not.")
    ] = 0,
    consortium: Annotated[
        int,
        typer.Option(
            "--consortium",
            min=1,
            max=16,
            help="So many members, each with a node on CometBFT, on this machine; 1 is a node alone.",
        ),
    ] = 1,
    database: Annotated[
        str,
        typer.Option("--database", help="Where a node alone stores: an empty database, postgresql://user@host/name."),
    ] = DATABASE,
    json: JsonOption = False,
) -> None:
    """Send signed records, have them durable, and prove each receipt. Latency is that of a call of --batch records.

    Half of them issue an invoice with its tag, half accept one: nine of ten among the newest 20,000. Everything is
    switched on: signatures, rules, both trees, histories, fsync, the signed head. The signatures are made before the
    clock starts.
    """
    from hanse_cli.bench import measured, work

    if consortium > 1 and database != DATABASE:
        raise InvalidInput("--database is of a node alone.", "Leave out one of --consortium and --database.")
    settings = work.Workload(
        records=records,
        batch=batch,
        callers=callers,
        objects=objects,
        every=every,
        consortium=consortium,
        database=database,
    )
    measured.answer_figures(work.measure_append(settings), as_json=json)


@app.command()
def verify(
    *,
    records: RecordsOption = 500,
    batch: BatchOption = 1,
    callers: CallersOption = 1,
    known_head: Annotated[
        bool, typer.Option("--known-head", help="The checkpoint is trusted already: its signatures are not verified.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Check a whole proof file offline, again and again. Latency is that of --batch checks."""
    from hanse_cli.bench import measured, work

    settings = work.Workload(records=records, batch=batch, callers=callers)
    measured.answer_figures(work.measure_verify(settings, known_head=known_head), as_json=json)


@app.command()
def read(
    *, records: RecordsOption = 500, batch: BatchOption = 1, callers: CallersOption = 4, json: JsonOption = False
) -> None:
    """Read the present state of objects, each from a proof that is checked. Latency is that of --batch reads."""
    from hanse_cli.bench import measured, work

    measured.answer_figures(
        work.measure_read(work.Workload(records=records, batch=batch, callers=callers)), as_json=json
    )
