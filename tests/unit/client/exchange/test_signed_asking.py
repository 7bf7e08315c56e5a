"""Requests that a client signs: in a form of others too, only where a node asks for it, by that node's clock."""

import time
from base64 import b64decode
from collections.abc import Iterator
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path

import anyio
import pytest
from nacl.signing import SigningKey

from hanse_client.aio import AsyncClient
from hanse_client.base.errors import Unauthorized
from hanse_client.client import Client
from hanse_client.exchange.asking.askednode import RequestSigner
from hanse_client.exchange.transport import Transport
from hanse_client.home.identity import Identity
from hanse_io.signedrequests import NotSigned, asked_for, read_signature, signature_base
from hanse_ledger.values.keys import verify_signature
from hanse_ledger.values.types import ObjectId
from hanse_node.signing.tokens import Scope
from tests.unit.client.exchange.test_transport import Reply, script
from tests.world.sdk_node import NodeCorridor, running_node
from tests.world.tokens import keep_tokens, token_of

KEYID = "0103a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
PARAMETERS = (
    f';created=1800000000;keyid="{KEYID}";alg="ed25519";expires=1800000300;nonce="aaaaaaaaaaaaaaaaaaaaaa"'
    f';tag="{"cd" * 32}"'
)
DIGEST = "sha-256=:AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=:"

OF_OTHERS = (
    (
        ("GET", "node.example:8443", "/v1/proof?object=abababab&view=full"),
        '("@method" "@authority" "@path" "@query")',
        "",
        "GKTtXW0bM3MRs3OCLuwmARruyZ8rEWlj92t3EoWQphfiUAulaXUOXPTSeRbqVx5QiTGzDAXVhwaOe/foCsexCg==",
    ),
    (
        ("POST", "node.example", "/v1/tags"),
        '("@method" "@authority" "@path" "@query" "content-digest")',
        DIGEST,
        "IX7ezYKjuxrGDkXFUMaARbo0upC5ZpKdNAihSaIQzhNTEdeVwEMDPR/gKSAEZ2PWvw4l63i/4edWTnrRRqpeDQ==",
    ),
)
"""Requests as `http-message-signatures` 3.0.0 has signed them, with the key whose seed is 0, 1, … 31."""


@pytest.mark.parametrize(("request_line", "covered", "digest", "signature"), OF_OTHERS)
def test_what_others_sign_is_read(
    request_line: tuple[str, str, str], covered: str, digest: str, signature: str
) -> None:
    """A library that nobody here wrote signs what we verify, whatever the order of its parameters."""
    found = read_signature(f"pyhms={covered}{PARAMETERS}", f"pyhms=:{signature}:", digest)
    assert found.signature == b64decode(signature)
    assert (found.created, found.expires, found.tag) == (1_800_000_000, 1_800_000_300, b"\xcd" * 32)
    assert found.digest == (sha256(b'{"a":1}').digest() if digest else None)
    verify_signature(found.key, signature_base(*request_line, found.digest, found.parameters), found.signature)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ('a=("@method" "@authority" "@path" "@path")' + PARAMETERS, "twice"),
        ('a=("@method" "@authority" "@path" "content-digest")' + PARAMETERS, "leaves out @query"),
        ('a=("@method" "@authority" "@path" "@query")' + PARAMETERS + ";created=1", "not one signature"),
        (
            'a=("@method" "@authority" "@path" "@query")' + PARAMETERS.replace(";created=1800000000", ""),
            "not one|leaves",
        ),
        ('a=("@method" "@authority" "@path" "@query")' + PARAMETERS.replace("ed25519", "hmac-sha256"), "Ed25519"),
        ('a=("@method" "@authority" "@path" "@query")' + PARAMETERS.replace("aaaaaaaaaa", ""), "a nonce"),
        ('a=("@method" "@authority" "@path" "@query")' + PARAMETERS.replace("cdcd", "cdc="), "hexadecimal"),
        ('a=("@method" "@authority" "@path" "@query")' + PARAMETERS + ',b=("@method")', "not one signature"),
    ],
)
def test_what_leaves_something_out_is_no_signature(given: str, why: str) -> None:
    """Each component and each parameter stands once, and none is missing."""
    with pytest.raises(NotSigned, match=why):
        read_signature(given, f"a=:{'A' * 86}==:", DIGEST)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[NodeCorridor, str, Path]]:
    """A node that asks who reads, in a process of its own; and a token of its."""
    folder = tmp_path_factory.mktemp("closed")
    corridor = NodeCorridor("closed corridor")
    corridor.make_node(folder / "node")
    keep_tokens(folder / "node" / "keys" / "tokens", token_of("hanse_a-token", scopes=tuple(Scope)))
    token = folder / "token"
    token.touch(0o600)
    token.write_text("hanse_a-token\n")
    with running_node(folder / "node") as url:
        yield corridor, url, token


def test_a_client_with_an_identity_needs_no_token(closed: tuple[NodeCorridor, str, Path], tmp_path: Path) -> None:
    """Async and blocking: reads, writes and listens by its member's own key; without one it is told so."""
    corridor, url, token = closed
    offices = list[ObjectId]()

    async def listen(client: AsyncClient) -> bool:
        async for _ in client.events():
            return True
        return False

    async def run() -> None:
        identity = corridor.members["market"]
        async with AsyncClient(url, identity=identity, trust=corridor.trust, home=tmp_path / "a") as client:
            assert (await client.head()).size >= 1
            office = await client.offices.open()
            offices.append(office.object_id)
            assert await listen(client)

    anyio.run(run)
    with Client(url, identity=corridor.members["customs"], home=tmp_path / "b") as client:
        assert client.show(offices[0]).id == offices[0]
    with Client(url, trust=corridor.trust, home=tmp_path / "c") as client, pytest.raises(Unauthorized) as refused:
        client.proof("00" * 32)
    assert "--identity" in refused.value.refusal.suggested_action
    with Client(url, token_file=token, trust=corridor.trust, home=tmp_path / "d") as client:
        assert client.show(offices[0]).id == offices[0]
    with (
        Client(url, identity=Identity.generate(), trust=corridor.trust, home=tmp_path / "e") as client,
        pytest.raises(Unauthorized, match="signer-unknown"),
    ):
        client.proof("00" * 32)


def _signed_at(asked: tuple[str, dict[str, str], bytes]) -> int:
    fields = {name.lower(): value for name, value in asked[1].items()}
    return read_signature(fields["signature-input"], fields["signature"], "").created


def test_a_wrong_clock_is_told_and_reads_all_the_same() -> None:
    """What is signed is of the node's time, as its `Date` has said it; nothing is signed before it is asked for."""
    key = SigningKey(bytes(32))
    identity = Identity("", bytes(key), bytes(32))
    told: list[tuple[str, str]] = []
    behind = int(time.time()) + 600
    wants = (("Accept-Signature", asked_for(b"\1" * 32)), ("Date", formatdate(behind, usegmt=True)))

    async def run(url: str) -> bytes:
        signer = RequestSigner(lambda: identity, lambda: None, lambda code, error: told.append((code, error.message)))
        transport = Transport(url, token_file=None, timeout_ms=2_000, signer=signer)
        try:
            return await transport.get("/v1/trust", most=100)
        finally:
            await transport.close()

    with script(Reply(401, b"{}", wants), Reply(200, b"trust")) as server:
        assert anyio.run(run, server.url) == b"trust"
        first, second = server.asked
    assert "Signature" not in first[1]
    assert abs(_signed_at(second) - behind) <= 2
    assert told
    assert "10 minutes behind" in told[0][1]
