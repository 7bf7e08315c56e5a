"""nginx and Caddy in front of a node, with the settings that `deploy/` holds: tried where they are installed."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx2
import pytest

from tests.conftest import ROOT, give_up
from tests.system.stage.processes import NodeProcess, running_node
from tests.world.certificates import Authority
from tests.world.node_ledger import make_folder
from tests.world.tokens import keep_tokens, token_of

pytestmark = [pytest.mark.system, pytest.mark.slow]

TOKEN = "a-token-of-this-node"
READY_SECONDS = 15
BATCHES = {"content-type": "application/vnd.hanse.envelopes+msgpack"}
GARBAGE = b"\xdc\x03\xe8" + b"\xc4\x01x" * 1_000


def program(name: str) -> str:
    """Find a proxy. Not every machine has one, and `make tools` does not bring it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        give_up(f"needs {name}: apt-get install {name}")
    return found


def free_port() -> int:
    """Find a port that is free at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def node(tmp_path: Path, proxies: str) -> Iterator[NodeProcess]:
    """Run a node on loopback that asks for tokens, and trusts proxies or not."""
    folder = make_folder(tmp_path / "node")
    keep_tokens(folder / "keys" / "tokens", token_of(TOKEN))
    settings = (folder / "node.toml").read_text()
    (folder / "node.toml").write_text(settings.replace('trusted_proxies = ""', f'trusted_proxies = "{proxies}"'))
    with running_node(folder) as running:
        yield running
        running.stop()


@contextmanager
def proxy(words: list[str], port: int, tmp_path: Path) -> Iterator[None]:
    """Run a proxy until the block ends."""
    environment = {
        "HOME": str(tmp_path),
        "PATH": os.defpath,
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    with (tmp_path / "proxy.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        until = monotonic() + READY_SECONDS
        while True:
            assert process.poll() is None, (tmp_path / "proxy.log").read_text()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert monotonic() < until, (tmp_path / "proxy.log").read_text()
                sleep(0.05)
        yield
    finally:
        process.kill()  # it would wait for connections that are kept alive
        process.wait(READY_SECONDS)


def nginx_words(tmp_path: Path, authority: Authority, upstream: int, port: int) -> list[str]:
    """Write nginx's settings: those of deploy/, with this test's ports and files."""
    certificate, key = authority.issue(tmp_path / "tls", "localhost", "127.0.0.1")
    server = (ROOT / "deploy" / "nginx.conf").read_text()
    for before, after in (
        ("    listen [::]:443 ssl;\n", ""),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/letsencrypt/live/node.example/fullchain.pem", str(certificate)),
        ("/etc/letsencrypt/live/node.example/privkey.pem", str(key)),
        ("127.0.0.1:8080;", f"127.0.0.1:{upstream};"),
        ("node.example", "localhost"),
    ):
        assert before in server
        server = server.replace(before, after)
    paths = "".join(
        f"    {name}_temp_path {tmp_path}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"daemon off;\nmaster_process off;\npid {tmp_path}/nginx.pid;\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\n    access_log off;\n{paths}{server}}}\n"
    )
    words = [program("nginx"), "-p", str(tmp_path), "-c", str(whole), "-e", "stderr"]
    tried = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    return words


def caddy_words(tmp_path: Path, authority: Authority, upstream: int, port: int) -> list[str]:
    """Write Caddy's settings: those of deploy/, with this test's ports and a certificate of its own."""
    certificate, key = authority.issue(tmp_path / "tls", "localhost", "127.0.0.1")
    site = (ROOT / "deploy" / "Caddyfile").read_text()
    for before, after in (
        ("node.example {\n", f"https://localhost:{port} {{\n\ttls {certificate} {key}\n"),
        ("127.0.0.1:8080", f"127.0.0.1:{upstream}"),
    ):
        assert before in site
        site = site.replace(before, after)
    whole = tmp_path / "Caddyfile"
    whole.write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}")
    return [program("caddy"), "run", "--config", str(whole), "--adapter", "caddyfile"]


WRITERS: dict[str, Callable[[Path, Authority, int, int], list[str]]] = {"nginx": nginx_words, "caddy": caddy_words}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("trusted", "status"), [("127.0.0.1", 200), ("", 429)])
def test_a_node_behind_a_proxy(tmp_path: Path, name: str, trusted: str, status: int) -> None:
    """Over TLS: public paths, tokens, a stream, a bound; a flood counts against who sent it, if the proxy is trusted.

    What the sender writes into the header itself counts for nothing.
    """
    authority, port = Authority(), free_port()
    with node(tmp_path, trusted) as running:
        words = WRITERS[name](tmp_path, authority, int(running.url.rpartition(":")[2]), port)
        with proxy(words, port, tmp_path), client(authority, port, "127.0.0.2") as asked:
            assert asked.get("/readyz").json()["status"] == "ready"
            assert asked.get("/v1/trust", headers={"authorization": ""}).status_code == 401
            assert asked.get("/v1/trust").status_code == 200
            with asked.stream("GET", "/v1/events?after=0") as events:
                assert next(events.iter_lines())
            assert asked.post("/v1/records", content=bytes(9 * 1024 * 1024), headers=BATCHES).status_code == 413
            flood = [garbage(asked, claimed=f"203.0.113.{number}") for number in range(1, 9)]
            assert (flood[0], flood[-1]) == (200, 429), flood
            with client(authority, port, "127.0.0.3") as other:
                assert garbage(other) == status


def garbage(asked: httpx2.Client, claimed: str = "") -> int:
    """Send a batch of garbage, and claim to be somebody else."""
    claims = {"x-forwarded-for": claimed} if claimed else {}
    return asked.post("/v1/records", content=GARBAGE, headers={**BATCHES, **claims}).status_code


def client(authority: Authority, port: int, address: str) -> httpx2.Client:
    """Make a client at an address of loopback that bears the token, and trusts the authority alone."""
    trusts = ssl.create_default_context(cadata=authority.pem)
    return httpx2.Client(
        base_url=f"https://localhost:{port}",
        headers={"authorization": f"Bearer {TOKEN}"},
        transport=httpx2.HTTPTransport(verify=trusts, local_address=address),
        timeout=30,
    )
