"""`hanse doctor`: what is wrong with a node's folder, and what to do about it."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import table
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.output.exits import ExitCode

MARKS = {"ok": "ok", "warning": "WARNING", "failure": "FAILURE"}


def doctor(
    *,
    folder: Annotated[Path, typer.Option("--dir", help="The node's folder; the node may be running.")],
    json: JsonOption = False,
) -> None:
    """Look at a node's settings, keys, database, disk and process; each finding with its fix. Nothing is changed.

    Exit code 0 if there is no failure, 1 if there is one.
    """
    from hanse_cli.with_node.doctor import examine_folder

    diagnoses = examine_folder(folder)
    failed = [diagnosis for diagnosis in diagnoses if diagnosis.level == "failure"]
    rows = []
    for diagnosis in diagnoses:
        rows.append((diagnosis.name, f"{MARKS[diagnosis.level]}: {diagnosis.seen}"))
        if diagnosis.fix:
            rows.append(("", f"-> {diagnosis.fix}."))
    answer({"healthy": not failed, "findings": diagnoses}, table(rows), as_json=json)
    if failed:
        raise typer.Exit(ExitCode.UNHEALTHY)
