"""A process that writes into a node's ledger as fast as it can, and says what has been acknowledged.

    python node_under_load.py FOLDER FIRST BATCHES SIZE AGAIN FILE_LIMIT

It submits BATCHES batches of SIZE invoices, numbered from FIRST, and prints the first number of each batch once it is
answered; `failed` when the engine fails. With AGAIN from 0 up, each batch also repeats the invoice of that number,
which must stand already. FILE_LIMIT bounds every file's size in bytes; 0 bounds nothing.
"""

import resource
import sys
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Semaphore

from hanse_node.base.errors import Stopped
from hanse_node.base.folder import open_folder
from hanse_node.base.receipts import Outcome, Receipt
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.recovery import start_ledger
from tests.world.node_ledger import PARTIES, fixed_clock, invoice

UNDER_WAY = 4


def say(text: object) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(path: Path, first: int, batches: int, size: int, again: int, file_limit: int) -> None:
    """Write until the batches are answered, or the engine fails."""
    folder, clock = open_folder(path, {}), fixed_clock()
    store, signer = start_ledger(folder, clock)
    engine = EmbeddedEngine(store, signer, clock=clock, bounds=folder.config.limits)
    engine.start()
    engine.submit(PARTIES).result()
    if file_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    room = Semaphore(UNDER_WAY)
    repeated = [invoice(again)] if again >= 0 else []

    def answered(number: int, answer: Future[list[Receipt]]) -> None:
        if answer.exception() is None:
            receipts = answer.result()
            assert all(receipt.outcome is not Outcome.REFUSED for receipt in receipts)
            assert all(receipt.outcome is Outcome.EXISTS for receipt in receipts[size:])
            say(number)
        room.release()

    try:
        for number in range(first, first + batches * size, size):
            room.acquire()
            answer = engine.submit([*(invoice(number + step) for step in range(size)), *repeated])
            answer.add_done_callback(partial(answered, number))
    except Stopped:
        pass  # said below: it may also fail when everything has been submitted
    engine.stop()
    if "failed" in str(engine.status().failure):
        say("failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
