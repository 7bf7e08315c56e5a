"""Who asks by a signed request (RFC 9421): its form, its time, for which node and ledger, by whose key, and only once.

The order is that of what it costs. Until the signature is verified whoever sends it is nobody, waits among those for
one of a few threads, and pays for each that fails: nobody holds up others with bad signatures, nor fills the room for
nonces. Whose key it is, and whether it counts now, the ledger says (`queries.readers.keyowners`).
"""

from collections.abc import Callable, Collection
from functools import partial
from operator import attrgetter
from time import monotonic

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.types import Scope

from hanse_io.signedrequests import (
    LONGEST_SECONDS,
    NotSigned,
    SignedAs,
    authority_of,
    read_signature,
    signature_base,
)
from hanse_ledger.values.errors import ProofInvalid, Rejected
from hanse_ledger.values.keys import verify_signature
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import LedgerId, Moment
from hanse_node.access.caller import Caller
from hanse_node.access.lane import Lane
from hanse_node.access.nonces import Nonces
from hanse_node.access.quotas import Buckets
from hanse_node.api.problems import EdgeRefusal
from hanse_node.base.bounds import (
    BAD_SIGNATURES_BURST,
    BAD_SIGNATURES_PER_SECOND,
    SIGNATURES,
    SIGNATURES_WAITING,
)
from hanse_node.base.errors import QuotaExceeded

AHEAD_SECONDS = 1
"""A signer's clock may be so far ahead of the node's: a request is signed by whole seconds."""

Who = Callable[[Caller, bytes], Caller]
"""Says whose a key is (`KeyOwners.who`); it blocks. Raises Rejected."""


class SignedAccess:
    """Judges signed requests. Lives on one event loop."""

    def __init__(
        self,
        who: Who,
        ledger: LedgerId,
        clock: Callable[[], Moment],
        *,
        begun: Moment,
        names: Collection[str] = (),
        callers: Callable[[], int] = lambda: 1,
    ) -> None:
        """Prepare.

        Args:
            who: says whose a key is.
            ledger: the node's ledger.
            clock: the present.
            begun: when this process began: what was signed before that counts for nothing.
            names: the authorities under which the node is asked, as `authority_of` writes them. Besides them counts the
                address at which a connection has arrived.
            callers: tells how many callers have a share set aside.
        """
        self.ledger = ledger
        self._who, self._clock, self._begun = who, clock, begun // 1_000
        self._names = frozenset(names)
        self._nonces = Nonces(callers)
        # Before they are known all are nobody: each network has a line of its own.
        line = attrgetter("name")
        self._lane = Lane("signatures", SIGNATURES, SIGNATURES_WAITING, callers, line=line)
        self._faults = Buckets(BAD_SIGNATURES_PER_SECOND, BAD_SIGNATURES_BURST, monotonic)

    async def caller(self, scope: Scope, headers: Headers, nobody: Caller, hosts: Collection[str]) -> Caller:
        """Say who has signed a request.

        Args:
            scope: the request. The hash of its body is put there (`signed_digest`), for whoever reads that.
            headers: its header fields.
            nobody: who sends it, as far as is known without the signature.
            hosts: the authorities that the request names: of its `Host` field, and of what a trusted proxy says.

        Raises:
            EdgeRefusal: `request-not-signed`, `request-untimely`, `request-misdirected`, `request-replayed`;
                `signer-refused`: the key is nobody's, or signs nothing now.
            QuotaExceeded, Busy: too much is asked at once, or too often with signatures that are none.
        """
        if self._faults.level(nobody) < 0:
            wait = self._faults.seconds_until(nobody, 0)
            raise QuotaExceeded(f"too many requests from {nobody.name} bear signatures that are none", wait)
        try:
            signed = self._read(headers)
            self._judge_time(signed)
            authority = self._judge_place(scope, signed, hosts)
            target = scope["raw_path"].decode("latin-1").partition("?")[0]
            query = scope["query_string"].decode("latin-1")
            target = f"{target}?{query}" if query else target
            base = signature_base(scope["method"], authority, target, signed.digest, signed.parameters)
        except EdgeRefusal:
            self._faults.take(nobody, 1)
            raise
        async with self._lane.turn(nobody):
            try:
                # One way to a thread and back for both: it costs as much as either.
                caller = await anyio.to_thread.run_sync(partial(self._verify, signed, base, authority, nobody))
            except _Forged as error:
                self._faults.take(nobody, 1)
                raise EdgeRefusal("request-not-signed", str(error)) from error
        if not self._nonces.use(caller, signed.key, signed.nonce, signed.expires, self._now()):
            raise EdgeRefusal("request-replayed", "a request with this nonce has come already")
        scope["state"]["signing_key"] = signed.key
        if signed.digest is not None:
            scope["state"]["signed_digest"] = signed.digest
        return caller

    def _verify(self, signed: SignedAs, base: bytes, authority: str, nobody: Caller) -> Caller:
        """Verify a signature, and say whose it is. Raises _Forged, and EdgeRefusal (`signer-refused`)."""
        try:
            verify_signature(signed.key, base, signed.signature)
        except ProofInvalid as error:
            what = f"what is signed is method, authority ({authority}), path and query as they have come here"
            raise _Forged(f"{error}; {what}") from error
        try:
            return self._who(nobody, signed.key)
        except Rejected as error:
            words = error.reason.message.rstrip(".")
            raise EdgeRefusal("signer-refused", f"{words} ({error.reason.value})") from error

    def _now(self) -> int:
        return self._clock() // 1_000

    def _read(self, headers: Headers) -> SignedAs:
        fields = [headers.getlist(name) for name in ("signature-input", "signature", "content-digest")]
        if any(len(field) > 1 for field in fields):
            raise EdgeRefusal("request-not-signed", "a field of the signature stands twice")
        given, signature, digest = ("".join(field) for field in fields)
        try:
            signed = read_signature(given, signature, digest)
        except NotSigned as error:
            raise EdgeRefusal("request-not-signed", str(error)) from error
        if signed.digest is None and (headers.get("content-length", "0") != "0" or "transfer-encoding" in headers):
            raise EdgeRefusal("request-not-signed", "the request has a body, and its Content-Digest is not signed")
        return signed

    def _judge_time(self, signed: SignedAs) -> None:
        """Insist that a signature is of now, and ends soon."""
        now, lasts = self._now(), signed.expires - signed.created
        why = ""
        if not 0 < lasts <= LONGEST_SECONDS:
            why = f"it lasts {lasts} s, and may last {LONGEST_SECONDS}"
        elif signed.created > now + AHEAD_SECONDS:
            why = f"it is made {signed.created - now} s in the future"
        elif signed.expires <= now:
            why = f"it ended {now - signed.expires} s ago"
        elif signed.created <= self._begun + AHEAD_SECONDS:
            why = "it was made before this node was started, which forgets what it had seen"
        if why:
            raise EdgeRefusal(
                "request-untimely", f"the signature does not count: {why}. Here it is {moment_words(now * 1_000)}"
            )

    def _judge_place(self, scope: Scope, signed: SignedAs, hosts: Collection[str]) -> str:
        """Insist that a signature is for this node and its ledger, and give the authority that it was asked under."""
        if signed.tag != self.ledger:
            raise EdgeRefusal(
                "request-misdirected", f"the request is signed for another ledger; this is {self.ledger.hex()}"
            )
        arrived = _arrived(scope)
        for host in map(authority_of, hosts):
            if host in self._names or host == arrived:
                return host
        raise EdgeRefusal(
            "request-misdirected",
            f"the request is for {', '.join(hosts)[:256] or 'no host'}, and this node does not know that name as its "
            "own: its operator names it in `names` of [listen]",
        )


class _Forged(Exception):
    """A signature is not by its key over its request: why."""


def _arrived(scope: Scope) -> str:
    """Write the address at which a connection has arrived as an authority; empty where there is none."""
    server = scope.get("server")
    if server is None or server[1] is None:
        return ""
    host = f"[{server[0]}]" if ":" in server[0] else server[0]
    return authority_of(f"{host}:{server[1]}")
