"""A program that uses the blocking client ends by itself, however it was written, and in time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse_ledger.proofs.trustfile import write_trust
from tests.conftest import ROOT
from tests.world.sdk_node import NodeCorridor, running_node
from tests.world.sdk_world import INVOICE, World

pytestmark = pytest.mark.system

SECONDS = 30

OPENED = """
import sys
from hanse_client import Client, Identity
identity = Identity.load("seller.pem")
client = Client("URL", identity=identity, trust="trust.json", home="home")
"""

PLAIN = "invoice = client.invoices.issue(sys.argv[1], buyer=sys.argv[2], again=True)\nprint(invoice.position > 0)\n"
PROVEN = PLAIN + 'print(client.verify(client.proof(invoice.object_id, disclose=["BT-1"])).verdict)\n'
FAILING = PLAIN + "raise ValueError('mine')\n"
IN_THREADS = """
from threading import Thread
def issue():
    print(f"{client.invoices.issue(sys.argv[1], buyer=sys.argv[2], again=True).position > 0};", end="")
for _ in range(3):
    Thread(target=issue).start()
"""
WALKED = PLAIN + "records = client.records(invoice.object_id)\nprint(next(records).kind)\n"
DROPPED = """
import gc, threading, time
client.head()
resource = client.invoices
del client
print(resource.issue(sys.argv[1], buyer=sys.argv[2], again=True).position > 0)
del resource
gc.collect()
for _ in range(100):
    if threading.active_count() == 1:
        break
    time.sleep(0.05)
print(threading.active_count())
"""
FORKED = """
import os
client.head()
child = os.fork()
if child == 0:
    try:
        client.head()
    except Exception as error:
        print("make a client" in str(error).lower(), flush=True)
    client.close()
    with Client("URL", trust="trust.json", home="home") as another:
        print(another.head().size > 0, flush=True)
    sys.exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), client.head().size > 0)
"""
FORKED_BEFORE_USE = """
import os
child = os.fork()
print(client.head().size > 0, flush=True)
if child:
    os.waitpid(child, 0)
"""
AT_THE_END = """
import atexit
class Late:
    def __del__(self):
        client.close()
late = Late()
client.head()
atexit.register(lambda: print(client.head().size > 0, flush=True))
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a node for a seller and a buyer, whose files lie in a folder."""
    folder = tmp_path_factory.mktemp("ends")
    corridor = NodeCorridor("ends")
    with running_node(corridor.make_node(folder / "node")) as url:
        world = World(url, corridor, folder / "home")
        world.seller.save(folder / "seller.pem", None)
        (folder / "trust.json").write_bytes(write_trust(corridor.genesis))
        yield world


def run(world: World, *words: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run Python in the folder of files."""
    paths = os.pathsep.join(str(ROOT / part) for part in ("ledger", "client"))
    return subprocess.run(
        [sys.executable, *words],
        cwd=world.home.parent,
        env={**os.environ, "PYTHONPATH": paths},
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        (PLAIN, 0, ["True"]),
        (PROVEN, 0, ["True", "valid with warnings"]),
        (FAILING, 1, ["True"]),
        (IN_THREADS, 0, ["True;True;True;"]),
        (WALKED, 0, ["True", "invoice.issue"]),
        (DROPPED, 0, ["True", "1"]),
        (FORKED, 0, ["True", "True", "3 True"]),
        (FORKED_BEFORE_USE, 0, ["True", "True"]),
        (AT_THE_END, 0, ["True"]),
    ],
    ids=["plain", "proven", "failing", "threads", "walked", "dropped", "forked", "forked-unused", "at-the-end"],
)
def test_a_program_ends_without_closing(world: World, program: str, code: int, said: list[str]) -> None:
    """It ends by itself with its own exit code, and says nothing beside what it says."""
    written = (OPENED + program).replace("URL", world.url)
    # Who forks hands its open connections to the child, which can only leave them: Python warns of that if it is asked.
    told = () if "os.fork" in program else ("-W", "error")
    ended = run(world, *told, "-c", written, str(INVOICE), world.buyer_id.hex())
    assert (ended.returncode, ended.stdout.splitlines()) == (code, said), ended.stderr
    assert ("ValueError: mine" in ended.stderr) == (code == 1)
    assert code == 1 or not ended.stderr


def test_a_session_by_hand_ends(world: World) -> None:
    """Typed line by line, and ended by the end of what is typed."""
    typed = OPENED.replace("URL", world.url) + "print(client.head().size > 0)\n"
    ended = run(world, "-i", "-q", given=typed)
    assert (ended.returncode, "True" in ended.stdout) == (0, True), ended.stderr


def test_a_thousand_calls_leave_no_threads(world: World, tmp_path: Path) -> None:
    """What blocks is done in threads that end with it."""
    program = OPENED.replace("URL", world.url) + (
        "import threading\nfor _ in range(100):\n    client.head()\nprint(threading.active_count() <= 3)\n"
    )
    ended = run(world, "-c", program)
    assert (ended.returncode, ended.stdout) == (0, "True\n"), ended.stderr
