"""How many SQL statements the embedded engine makes a block, and how many bytes a record takes, by table.

An invoice with a tag and its acceptance in turn. It runs on another commit's tree too, with that one's Python, so that
two can be compared: `cd TREE && PYTHONPATH=. .venv/bin/python THIS/tests/bench/statements.py`.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from threading import current_thread
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, make_url

from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, IssueInvoice
from hanse_ledger.kinds.object import created_id
from hanse_ledger.records.envelope import Signed
from hanse_ledger.records.record import encode_record
from hanse_node.base.folder import open_folder
from hanse_node.base.receipts import Outcome
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.store.databases.database import open_database
from hanse_node.store.index import TABLES
from tests.world.node_ledger import enrol, fixed_clock, invoice, key_of, make_folder, sign

CALLS, ROWS = Counter[str](), Counter[str]()
"""Of the thread that applies: by the statement's first words, how often it was asked for, and for how many rows."""


def count(text: str, rows: int) -> None:
    """Count a statement."""
    if current_thread().name.startswith("apply"):
        words = " ".join(text.lower().replace('"', "").replace("(", " ").split()[:3])
        CALLS[words] += 1
        ROWS[words] += rows


@event.listens_for(Engine, "do_connect")
def _counted(dialect: Any, _record: object, _arguments: object, named: dict[str, Any]) -> None:
    cursors: Any = dialect.loaded_dbapi.Cursor
    connections: Any = dialect.loaded_dbapi.Connection

    class Counting(cursors):  # type: ignore[misc, no-any-unimported]  # whichever driver this node uses
        def execute(self, text: str, *parameters: Any) -> Any:
            count(text, 1)
            return super().execute(text, *parameters)

        def executemany(self, text: str, rows: Any) -> Any:
            rows = list(rows)
            count(text, len(rows))
            return super().executemany(text, rows)

    class Open(connections):  # type: ignore[misc, no-any-unimported]  # as above
        def cursor(self, factory: Any = Counting) -> Any:
            return super().cursor(factory)

        def execute(self, text: str, *parameters: Any) -> Any:
            return self.cursor().execute(text, *parameters)

        def executemany(self, text: str, rows: Any) -> Any:
            return self.cursor().executemany(text, rows)

    named["factory"] = Open


def accept(number: int) -> Signed:
    """Accept the invoice of that number."""
    issued = invoice(number, tagged=True)
    assert isinstance(issued.record.body, IssueInvoice)
    amount_minor = issued.record.body.payable_minor
    body = AcceptInvoice(
        amount_minor=amount_minor, currency="EUR", due=None, invoice=created_id(issued.id), minor_digits=2
    )
    return sign(body, key_of("buyer"), nonce=f"accept {number}")


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=4_000)
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args()
    half = options.records // 2
    records = [make(number) for number in range(half) for make in (lambda n: invoice(n, tagged=True), accept)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "node"
        make_folder(folder)
        with open_folder(folder, {}) as opened:
            store, signer = start_ledger(opened, fixed_clock())
            engine = EmbeddedEngine(store, signer, clock=fixed_clock(), bounds=opened.config.limits)
            engine.start()
            engine.submit([enrol("seller"), enrol("buyer")]).result()
            CALLS.clear()
            ROWS.clear()
            blocks = range(0, len(records), options.batch)
            for at in blocks:
                answer = engine.submit(records[at : at + options.batch])
                assert all(receipt.outcome is Outcome.CREATED for receipt in answer.result())
            engine.stop()
            store.close()
        size = sum(path.stat().st_size for path in folder.glob("ledger.db*"))
        with open_database(make_url(f"sqlite:///{folder / 'ledger.db'}")).connect() as connection:
            content = {table.name: _content(connection, table) for table in TABLES.sorted_tables}
    calls, rows = CALLS.total() / len(blocks), ROWS.total() / len(blocks)
    say(f"{len(records)} records, batches of {options.batch}: {calls:.2f} statements a block, for {rows:.2f} rows")
    for words in sorted(CALLS):
        say(f"  {words}: {CALLS[words] / len(blocks):.2f}, {ROWS[words] / len(blocks):.2f}")
    lengths = {name: len(encode_record(made.record)) for name, made in zip(("issue", "accept"), records, strict=False)}
    say(f"{size / len(records):.0f} bytes of database a record; records are {lengths}")
    for name, held in content.items():
        say(f"  {name}: {held / len(records):.2f}")


def _content(connection: Connection, table: Table) -> int:
    """Sum the bytes of what a table holds, without its keys' and pages' own."""
    columns = " + ".join(f'coalesce(length(cast("{column.name}" as blob)), 0)' for column in table.columns)
    text = f'select coalesce(sum({columns}), 0) from "{table.name}"'  # noqa: S608 (names of our own)
    return int(connection.exec_driver_sql(text).scalar_one())


def say(line: str) -> None:
    """Print a line."""
    print(line)  # noqa: T201 (a script)


if __name__ == "__main__":
    main()
