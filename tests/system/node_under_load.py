"""A process that writes into a node's ledger as fast as it can, and says what has been acknowledged.

    python node_under_load.py FOLDER FIRST BATCHES FILE_LIMIT

It submits BATCHES batches of invoices, numbered from FIRST, and prints the first number of each batch
once it is answered; `failed` when the engine fails. FILE_LIMIT bounds every file's size in bytes; 0 bounds nothing.
"""

import resource
import sys
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Semaphore

from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.engine.receipts import Outcome, Receipt
from hanse_node.errors import Stopped
from hanse_node.folder import open_folder
from hanse_node.store.recovery import start_ledger
from tests.node_ledger import PARTIES, fixed_clock, invoice

BATCH = 20
UNDER_WAY = 4


def say(text: object) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(path: Path, first: int, batches: int, file_limit: int) -> None:
    """Write until the batches are answered, or the engine fails."""
    folder, clock = open_folder(path, {}), fixed_clock()
    store, signer = start_ledger(folder, clock)
    engine = EmbeddedEngine(store, signer, clock=clock, bounds=folder.config.limits)
    engine.start()
    engine.submit(PARTIES).result()
    if file_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    room = Semaphore(UNDER_WAY)

    def answered(number: int, answer: Future[list[Receipt]]) -> None:
        if answer.exception() is None:
            assert all(receipt.outcome is not Outcome.REFUSED for receipt in answer.result())
            say(number)
        room.release()

    try:
        for number in range(first, first + batches * BATCH, BATCH):
            room.acquire()
            answer = engine.submit([invoice(number + step) for step in range(BATCH)])
            answer.add_done_callback(partial(answered, number))
    except Stopped:
        pass  # said below: it may also fail when everything has been submitted
    engine.stop()
    if "failed" in str(engine.status().failure):
        say("failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
