"""The command line in surroundings as they are: an answer or words, an exit code that says which, never a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from threading import Thread
from typing import Any

import pytest

from hanse_ledger.proofs.trustfile import write_trust
from tests.conftest import ROOT
from tests.world.sdk_node import NodeCorridor, running_node
from tests.world.sdk_world import INVOICE, World

pytestmark = pytest.mark.system

SECONDS = 60
CODES = {0, 1, 2, 10, 11, 12, 13, 14, 15, 20, 30, 74}
"""All but 70, a bug of ours, and 130."""


class Place:
    """A folder with a seller's key, a trust file, a proof and a node."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.world = folder, world
        self.invoice = ""

    def run(self, *words: str, code: int | None = None, through: str = "", **environment: str) -> Any:
        """Run `hanse`, in a shell where streams or pipes are to be set; without `code` any but a bug's will do."""
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        kept |= {"PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("ledger", "client", "node"))}
        kept |= {"HANSE_NODE": self.world.url, "HANSE_TRUST": "trust.json", "HANSE_HOME": "home", **environment}
        kept = {name: value for name, value in kept.items() if value != "UNSET"}
        started = [sys.executable, "-m", "hanse_cli.main", *words]
        if through:
            started = ["sh", "-c", through.replace("HANSE", '"$@"'), "sh", *started]
        ended = subprocess.run(
            started,
            cwd=self.folder,
            env=kept,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
        said = ended.stdout.decode("utf-8", "replace") + ended.stderr.decode("utf-8", "replace")
        assert "Traceback" not in said, said
        assert ended.returncode in ({code} if code is not None else CODES), said
        return ended


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Run a node; leave what a seller has in a folder."""
    folder = tmp_path_factory.mktemp("place")
    corridor = NodeCorridor()
    with running_node(corridor.make_node(folder / "node")) as url:
        world = World(url, corridor, folder / "home")
        world.seller.save(folder / "seller.pem", b"secret")
        (folder / "passphrase").write_text("secret\n")
        (folder / "passphrase").chmod(0o600)
        (folder / "trust.json").write_bytes(write_trust(corridor.genesis))
        (folder / "invoice.xml").write_bytes(INVOICE.read_bytes())
        made = Place(folder, world)
        made.invoice = world.issue().object_id.hex()
        made.run("proof", made.invoice, "-o", "proof.hanse", code=0)
        yield made


COMMANDS = {
    "verify": ("verify", "proof.hanse", "--trust", "trust.json", "--offline"),
    "verify-node": ("verify", "proof.hanse", "--trust", "trust.json"),
    "show": ("invoice", "show", "INVOICE"),
    "key": ("key", "show", "seller.pem", "--passphrase-file", "passphrase"),
    "issue": (
        *["invoice", "issue", "invoice.xml", "--identity", "seller.pem", "--passphrase-file", "passphrase", "--buyer"],
        "BUYER",
    ),
    "help": ("--help",),
}

SURROUNDINGS: dict[str, dict[str, Any]] = {
    "no-home": {"HOME": "UNSET", "HANSE_HOME": "UNSET", "XDG_DATA_HOME": "UNSET"},
    "home-is-a-file": {"HANSE_HOME": "trust.json"},
    "home-below-a-file": {"HANSE_HOME": "trust.json/home"},
    "home-nowhere": {"HANSE_HOME": "/proc/hanse"},
    "ascii": {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "no-tmpdir": {"TMPDIR": "/nowhere"},
    "socks": {"ALL_PROXY": "socks5://127.0.0.1:9", "HANSE_NODE": "http://ledger.invalid:8080"},
    "no-proxy-ipv6": {"NO_PROXY": "[::1],fe80::/10, ", "HTTP_PROXY": "http://127.0.0.1:9"},
    "no-certificates": {"SSL_CERT_FILE": "/nowhere/ca.pem", "HANSE_NODE": "https://127.0.0.1:9"},
    "dumb-terminal": {"TERM": "dumb", "COLUMNS": "1"},
}

SHELLS = {
    "no-stdin": "HANSE <&-",
    "no-stdout": "HANSE >&-",
    "no-stderr": "HANSE 2>&-",
    "no-streams": "HANSE <&- >&- 2>&-",
    "full-stdout": "HANSE >/dev/full",
    "full-stderr": "HANSE 2>/dev/full",
    "open-umask": "umask 0; HANSE",
    "closed-umask": "umask 777; HANSE",
}


def filled(place: Place, command: str) -> list[str]:
    """Give a command's words."""
    known = {"INVOICE": place.invoice, "BUYER": place.world.buyer_id.hex()}
    return [known.get(word, word) for word in COMMANDS[command]]


@pytest.mark.parametrize("command", ["verify-node", "show", "issue", "key"])
@pytest.mark.parametrize("surrounding", SURROUNDINGS)
def test_no_environment_is_a_traceback(place: Place, surrounding: str, command: str) -> None:
    """Whatever the environment says, every command answers, or says in words what is wrong."""
    place.run(*filled(place, command), **SURROUNDINGS[surrounding])


@pytest.mark.parametrize("command", ["verify", "show", "help"])
@pytest.mark.parametrize("streams", SHELLS)
def test_no_stream_is_a_traceback(place: Place, streams: str, command: str) -> None:
    """Closed and full streams cost the words alone: the exit code stays the command's, or is 74."""
    usual = 0
    ended = place.run(*filled(place, command), through=SHELLS[streams])
    assert ended.returncode in {usual, 74}
    if streams != "full-stdout" and "umask" not in streams and "full" not in streams:
        assert ended.returncode == usual


@pytest.mark.parametrize("command", ["verify-node", "show"])
@pytest.mark.parametrize("surrounding", ["home-is-a-file", "home-below-a-file", "home-nowhere"])
def test_what_is_read_is_answered_without_a_home(place: Place, surrounding: str, command: str) -> None:
    """Where nothing can be remembered the answer comes with a warning, in JSON too where there is room for one."""
    ended = place.run(*filled(place, command), "--json", code=0, **SURROUNDINGS[surrounding])
    assert b"remembered by this program alone" in ended.stderr
    if command == "verify-node":
        assert "remembered by this program alone" in str(json.loads(ended.stdout)["warnings"])


@pytest.mark.parametrize("surrounding", ["home-is-a-file", "home-nowhere"])
def test_nothing_is_sent_without_a_home(place: Place, surrounding: str) -> None:
    """What opens a document could not be kept: refused in words, before anything is sent."""
    with place.world.client(None) as reader:
        before = next(reader.records(place.world.seller_id)).id
    party = place.world.seller_id.hex()
    ended = place.run(*filled(place, "issue"), "--party", party, code=2, **SURROUNDINGS[surrounding])
    assert b"Nothing was sent" in ended.stderr
    with place.world.client(None) as reader:
        assert next(reader.records(place.world.seller_id)).id == before


def test_names_as_long_as_they_may_be_are_written(place: Place) -> None:
    """255 bytes can be written; what is longer, a folder and nothing are words."""
    longest = "n" * 249 + ".hanse"
    place.run("proof", place.invoice, "-o", longest, code=0)
    assert (place.folder / longest).stat().st_size
    place.run("proof", place.invoice, "-o", longest, code=2)
    for name in ("n" * 300, ".", "..", "/", "home", "missing/" + "n" * 300):
        place.run("proof", place.invoice, "-o", name, "--force", code=2)


def test_pipes_and_streams_are_taken_where_a_file_is(place: Place) -> None:
    """`-`, /dev/stdin, /dev/stdout, pipes and process substitution read and write what files do."""
    proof = (place.folder / "proof.hanse").read_bytes()
    verify = ("verify", "NAME", "--trust", "trust.json", "--offline")
    for name in ("-", "/dev/stdin"):
        words = [name if word == "NAME" else word for word in verify]
        place.run(*words, through="HANSE < proof.hanse", code=0)
        place.run(*words, through="cat proof.hanse | HANSE", code=0)
    for name in ("-", "/dev/stdout"):
        for shell in ("HANSE | cat", "HANSE > out.hanse; cat out.hanse"):
            written = place.run("proof", place.invoice, "-o", name, through=shell, code=0).stdout
            (place.folder / "piped.hanse").write_bytes(written)
            place.run("verify", "piped.hanse", "--trust", "trust.json", "--offline", code=0)
    os.mkfifo(place.folder / "pipe")
    writing = Thread(target=lambda: (place.folder / "pipe").write_bytes(proof))
    writing.start()
    place.run("verify", "pipe", "--trust", "trust.json", "--offline", code=0)
    writing.join()
    if which("bash"):
        place.run(
            *("key", "show", "seller.pem", "--passphrase-file"),
            through="bash -c '\"$@\" <(echo secret)' bash HANSE",
            code=0,
        )


def test_byte_order_marks_are_read_or_named(place: Place) -> None:
    """What an editor puts in front of UTF-8 is skipped; text in UTF-16 is named."""
    mark = b"\xef\xbb\xbf"
    for name in ("passphrase", "trust.json", "seller.pem"):
        marked = place.folder / f"marked-{name}"
        marked.touch(mode=0o600)
        marked.write_bytes(mark + (place.folder / name).read_bytes())
    place.run("key", "show", "marked-seller.pem", "--passphrase-file", "marked-passphrase", code=0)
    place.run("verify", "proof.hanse", "--trust", "marked-trust.json", "--offline", code=0)
    (place.folder / "wide").touch(mode=0o600)
    (place.folder / "wide").write_bytes("secret\n".encode("utf-16"))
    said = place.run("key", "show", "seller.pem", "--passphrase-file", "wide", code=2).stderr
    assert b"UTF-16" in said


def test_a_file_system_without_links_takes_files(place: Place, tmp_path: Path) -> None:
    """New files are written, and none is replaced, where hard links are refused."""
    compiler = which("cc") or which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler, to refuse hard links")
    (tmp_path / "n.c").write_text(
        "#include <errno.h>\nint link(const char*a,const char*b){errno=EPERM;return -1;}\n"
        "int linkat(int a,const char*b,int c,const char*d,int e){errno=EPERM;return -1;}\n"
    )
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "n.so", tmp_path / "n.c"], check=True)
    refusing = {"LD_PRELOAD": str(tmp_path / "n.so")}
    for words in (
        ("proof", place.invoice, "-o", "unlinked.hanse"),
        ("key", "new", "unlinked.pem", "--passphrase-file", "passphrase"),
    ):
        place.run(*words, code=0, **refusing)
        place.run(*words, code=2, **refusing)
    place.run("verify", "unlinked.hanse", "--trust", "trust.json", "--offline", code=0)
    place.run("key", "show", "unlinked.pem", "--passphrase-file", "passphrase", code=0)
    assert not list(place.folder.glob(".hanse-*"))


def test_help_into_head_ends_quietly(place: Place) -> None:
    """Whoever closed the pipe has read enough."""
    for words in (("--help",), ("invoice", "--help"), ("network", "create", "--help")):
        ended = place.run(*words, through="HANSE | head -1", code=0)
        assert not ended.stderr
