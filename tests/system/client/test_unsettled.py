"""A command that ends while its record is under way says so, and the same command sends the same record."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from tests.system.stage.desk import open_desk
from tests.tables.tampering import Proxy, proxy
from tests.world.typed.desk import BANKS, Desk

pytestmark = [pytest.mark.system, pytest.mark.slow]

SOON = 60
HANSE = (sys.executable, "-m", "hanse_cli.main")
CUSTOMS = ("--customs", "customs", "--regime", "import")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def slow(desk: Desk) -> Iterator[Proxy]:
    """Give a proxy before the node."""
    with proxy(desk.url) as server:
        yield server


def ended_by(desk: Desk, slow: Proxy, number: int, *words: str, who: str) -> tuple[int, str, str]:
    """Type a command; once the node has taken its record, and before the answer comes, end it by a signal."""
    taken, over = Event(), Event()

    def keep_back(path: str, body: bytes) -> bytes:
        if path.startswith("/v1/records?"):
            taken.set()
            over.wait(SOON)
        return body

    slow.change = keep_back
    process = subprocess.Popen(
        [*HANSE, *words, "--node", slow.url],
        cwd=desk.folder,
        env=desk.environment(who),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert taken.wait(SOON), process.communicate(timeout=SOON)
        process.send_signal(number)
        out, err = process.communicate(timeout=SOON)
    finally:
        over.set()
        process.kill()
    assert "Traceback" not in err
    return process.returncode, out, err


def kinds(desk: Desk, of: str) -> list[str]:
    """Name the kinds of a party's records, newest first."""
    records = desk.run("party", "records", of, "--json", "--most", "1000").json["records"]
    return [record["kind"] for record in records]


SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
assert len({code % 10 for code in SIGNALS.values()}) == len(SIGNALS), "each pays an amount of its own"


@pytest.mark.parametrize(("number", "code"), SIGNALS.items(), ids=str)
def test_an_interrupted_payment_stands_once(desk: Desk, slow: Proxy, number: int, code: int) -> None:
    """It says which record may stand, and what to do; the same command gives what stands, and not a second payment."""
    words = ("payment", "instruct", "--invoice", f"{desk.ids['invoice']}=10.0{code % 10}", *BANKS)
    before = kinds(desk, desk.ids["buyer"]).count("payment.instruct")
    ended, out, err = ended_by(desk, slow, number, *words, who="buyer")
    assert (ended, out) == (code, "")
    assert kinds(desk, desk.ids["buyer"]).count("payment.instruct") == before + 1
    again = desk.run(*words, "--json", who="buyer").json
    assert f"payment.instruct {again['record_id']}" in err
    assert "may stand in the ledger" in err
    assert "Run the same command again" in err
    assert again["outcome"] == "exists"
    assert [warning["code"] for warning in again["warnings"]] == ["sent-again"]
    assert kinds(desk, desk.ids["buyer"]).count("payment.instruct") == before + 1
    # What was settled is not sent again: whoever means a second payment gets it.
    third = desk.run(*words, "--json", who="buyer").json
    assert (third["outcome"], third["warnings"]) == ("created", [])
    assert third["record_id"] != again["record_id"]


def test_each_kind_of_command_stands_once(desk: Desk, slow: Proxy) -> None:
    """An invoice though `--again` is said, a certificate, a declaration of all that is left, an answer to each."""
    seller, buyer = desk.ids["seller"], desk.ids["buyer"]
    steps: list[tuple[str, tuple[str, ...]]] = [
        ("seller", ("invoice", "issue", "invoice.xml", "--buyer", buyer, "--again")),
        ("buyer", ("invoice", "accept", "{0}", "--yes")),
        ("chamber", ("certificate", "issue", "certificate.json", "--exporter", seller)),
        (
            "buyer",
            ("declaration", "lodge", *CUSTOMS, "--invoice", "{0}", "--certificate", "{2}"),
        ),
        ("customs", ("declaration", "release", "{3}")),
        ("buyer", ("payment", "instruct", "pacs008.xml", "--invoice", "{0}", *BANKS)),
        ("bank-a", ("payment", "confirm", "{5}", "camt054.xml")),
        ("bank-a", ("payment", "return", "{5}", "--reason", "AC04")),
        ("chamber", ("certificate", "revoke", "{2}", "--reason", "issued-in-error")),
    ]
    made: list[str] = []
    for who, words in steps:
        typed = tuple(word.format(*made) for word in words)
        ended, out, _ = ended_by(desk, slow, signal.SIGINT, *typed, "--json", who=who)
        assert ended == 130
        error = json.loads(out)["error"]
        (sent,) = error["unsettled"]
        assert (sent["repeatable"], sent["position"]) == (True, None), typed
        assert sent["record_id"] in error["message"]
        again = desk.run(*typed, "--json", who=who).json
        assert (again["record_id"], again["outcome"]) == (sent["record_id"], "exists"), typed
        made.append(again["object_id"])


def test_what_the_home_folder_cannot_keep_is_looked_at_first(desk: Desk, slow: Proxy) -> None:
    """Where the same command would send another record, it says how to find out, and not to run it again."""
    home = desk.folder / "homes" / "buyer" / "unsettled"
    aside = home.with_name("aside")
    if home.exists():
        home.rename(aside)
    home.write_text("no folder")
    words = ("payment", "instruct", "--invoice", f"{desk.ids['invoice']}=3.33", *BANKS)
    _, _, err = ended_by(desk, slow, signal.SIGINT, *words, who="buyer")
    home.unlink()
    assert "Do not run it again before you have looked: hanse payment show " in err
    shown = err.partition("hanse payment show ")[2].split()[0].rstrip(".;")
    assert desk.run("payment", "show", shown, "--json").json["state"] == "instructed"


@pytest.mark.parametrize(("status", "code", "amount"), [(500, 30, "4.41"), (404, 13, "4.42"), (413, 15, "4.43")])
def test_an_answer_that_says_nothing_of_the_record_leaves_it_open_too(
    desk: Desk, slow: Proxy, status: int, code: int, amount: str
) -> None:
    """Time runs out, the node fails, or a proxy answers, after the node has taken it: the same words."""
    slow.statuses["/v1/records"] = status
    words = ("payment", "instruct", "--invoice", f"{desk.ids['invoice']}={amount}", *BANKS)
    ended = desk.run(*words, "--node", slow.url, who="buyer", code=code)
    assert "may stand in the ledger" in ended.err
    assert "Run the same command again" in ended.err
    once_more = desk.run(*words, "--node", slow.url, who="buyer", code=code)
    again = desk.run(*words, "--json", who="buyer").json
    assert again["record_id"] in ended.err
    assert again["record_id"] in once_more.err
    assert again["outcome"] == "exists"


def writing_to(desk: Desk, stdout: int, amount: str) -> "subprocess.CompletedProcess[str]":
    """Instruct a payment, with stdout as it is given."""
    return subprocess.run(
        [*HANSE, "payment", "instruct", "--invoice", f"{desk.ids['invoice']}={amount}", *BANKS],
        cwd=desk.folder,
        env=desk.environment("buyer"),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=SOON,
        check=False,
    )


def test_an_answer_that_cannot_be_written_is_no_reason_to_run_again(desk: Desk) -> None:
    """The receipt is known, and stdout is full: the id is told on stderr, and that it stands."""
    with Path("/dev/full").open("w") as full:
        ended = writing_to(desk, full.fileno(), "5.55")
    assert ended.returncode == 74
    assert "payment.instruct stands at position" in ended.stderr
    assert "Do not run the command again" in ended.stderr
    assert "run the command again." not in ended.stderr.replace("Do not run the command again", "")


def test_a_reader_that_goes_away_costs_nothing(desk: Desk) -> None:
    """Stdout is closed by whoever read from the pipe: the record stands, stderr says where, the code is 0."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = writing_to(desk, writer, "6.66")
    finally:
        os.close(writer)
    assert ended.returncode == 0
    assert "payment.instruct stands at position" in ended.stderr


def test_an_interrupt_before_anything_is_sent_says_no_more(desk: Desk, slow: Proxy) -> None:
    """Nothing was under way, so that nothing may stand."""
    begun = Event()

    def wait(path: str, body: bytes) -> bytes:
        begun.set()
        time.sleep(5)
        return body

    slow.change = wait
    with subprocess.Popen(
        [*HANSE, "invoice", "show", desk.ids["invoice"], "--node", slow.url],
        cwd=desk.folder,
        env=desk.environment(""),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert begun.wait(SOON)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SOON)
    assert (process.returncode, err) == (130, "Interrupted.\n")
