"""The use cases of published proofs: publish, read, withdraw; and renewing them, which the node does by itself.

What is published is the node's own proof of the same objects with the same terms, as of its newest head: an old proof
that still verifies cannot hide what has happened since, and no byte of a stranger's is shown under the node's name.
"""

import logging
from collections.abc import Callable
from hmac import compare_digest
from threading import Lock
from time import monotonic

from msgspec import Struct

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Moment
from hanse_node.access.caller import ITSELF, Caller
from hanse_node.access.quotas import Buckets
from hanse_node.base.bounds import (
    PUBLICATION_BYTES,
    PUBLICATION_KEPT_MS,
    PUBLICATION_MISSES_BURST,
    PUBLICATION_MISSES_PER_SECOND,
    PUBLICATION_READS_BURST,
    PUBLICATION_READS_PER_SECOND,
    PUBLISHED_BURST,
    PUBLISHED_PER_SECOND,
    RENEWED_SECONDS,
    RENEWED_TOGETHER,
)
from hanse_node.base.config import PublishedProofs
from hanse_node.base.errors import Busy, NodeError, QuotaExceeded, StoreFailed
from hanse_node.base.logs import describe
from hanse_node.base.metrics import Metrics
from hanse_node.publications.publicnames import write_name
from hanse_node.publications.renewing import RELIABLE, make_anew
from hanse_node.queries.gathering import NotFound, TooLarge
from hanse_node.queries.proofs import Proofs
from hanse_node.store.beside.publications import KeptPublication, NameTaken, NoRoom, Publications
from hanse_page.carried import carried_page

log = logging.getLogger(__name__)

SECRET = b"hanse withdrawal of a published proof\n"
"""What the message begins with from whose signature a secret follows: nothing else that is signed begins so."""

SECRET_PREFIX = "withdraw_"  # noqa: S105 (what a secret begins with, so that whoever finds one knows what it is)
OVERDUE = 3
"""After so many times the time between renewals it is said that they are late."""


class Unpublishable(NodeError):
    """A file that is no proof which anybody should rely on, by this node's own trust."""


class Withdrawn(NodeError):
    """A proof that was published here, and was withdrawn."""


class SecretWrong(NodeError):
    """Not the secret that was given for this proof."""


class Granted(Struct, frozen=True, kw_only=True):
    """A proof that is published: its name in capitals, the node's public address, and what withdraws it.

    `address` is the one of the node's settings, such as `https://market.example`; empty where they have none.
    """

    name: str
    address: str
    secret: str


class Publishing:
    """Use cases about published proofs. Any thread may call."""

    def __init__(
        self,
        kept: Publications,
        proofs: Proofs,
        sign: Callable[[bytes], bytes],
        settings: PublishedProofs,
        metrics: Metrics,
        clock: Callable[[], Moment],
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """Prepare.

        Args:
            kept: where publications are kept.
            proofs: makes proofs.
            sign: signs as this node; secrets follow from it, so that the same call gets the same answer, and nothing
                that is kept tells one.
            settings: how many there may be, and how often they are renewed.
            metrics: where it is counted.
            clock: the present in milliseconds since 1970.
            seconds: a clock that never runs backwards.
        """
        self._kept, self._proofs, self._sign, self._settings = kept, proofs, sign, settings
        self._metrics, self._clock, self._seconds = metrics, clock, seconds
        self._lock = Lock()
        self._published = Buckets(PUBLISHED_PER_SECOND, PUBLISHED_BURST, seconds)
        self._reads = Buckets(PUBLICATION_READS_PER_SECOND, PUBLICATION_READS_BURST, seconds)
        self._misses = Buckets(PUBLICATION_MISSES_PER_SECOND, PUBLICATION_MISSES_BURST, seconds)
        metrics.watch("hanse_publications", "Proofs that are published.", lambda: kept.counts().standing)
        metrics.watch("hanse_publication_age_seconds", "Since the oldest of them was renewed.", self._age_seconds)

    def publish(self, caller: Caller, name: bytes, data: bytes) -> Granted:
        """Publish a proof under a name. The same call again gets the same answer.

        Args:
            caller: who asks.
            name: 16 bytes, which nobody guesses.
            data: a proof file.

        Raises:
            QuotaExceeded: this caller publishes too fast.
            NoRoom, NameTaken, Withdrawn: of the number, or the name.
            TooLarge, Unpublishable, NotFound: of the proof.
        """
        self._take(self._published, caller.holder, "proofs are published one after the other")
        given = hash_bytes(data)
        secret = self._secret(caller, name, given)
        again = self._again(caller, name, given, secret)
        if again is not None:
            return again
        if not self._settings.count:
            raise NoRoom("this node publishes no proofs: its operator has set their number to 0")
        now = self._clock()
        file = self._checked(caller, data, now)
        kept = KeptPublication(
            name=name,
            holder=caller.holder,
            given=given,
            secret=_hashed(secret),
            made=now,
            renewed=now,
            ended=None,
            file=file,
        )
        try:
            self._kept.add(kept, most=self._settings.count, most_of_holder=self._settings.each)
        except NameTaken:
            # The same call came twice at once.
            again = self._again(caller, name, given, secret)
            if again is None:
                raise
            return again
        log.info("a proof was published", extra={"holder": caller.holder, "bytes": len(file)})
        return self._answer(name, secret)

    def read(self, caller: Caller, name: bytes | None) -> bytes:
        """Give the proof that is published under a name.

        Args:
            caller: who asks.
            name: the name; nil where what was asked for is none.

        Raises:
            QuotaExceeded: this caller reads too fast, or guesses names.
            NotFound, Withdrawn: there is none.
        """
        self._take(self._reads, caller.name, "published proofs are read one after the other")
        found = self._find(caller, name)
        assert found.file is not None, "what stands has a file"
        return found.file

    def page(self, caller: Caller, proof: bytes) -> bytes:
        """Give the verifier page with this ledger's trust file and a proof."""
        return carried_page(self._proofs.trust(caller), proof)

    def withdraw(self, caller: Caller, name: bytes | None, secret: str) -> None:
        """Withdraw a proof, with the secret that publishing it gave. Twice is once.

        Raises:
            QuotaExceeded: this caller guesses.
            NotFound, SecretWrong: there is no such proof, or it is another's.
        """
        try:
            found = self._find(caller, name)
        except Withdrawn:
            return
        if not compare_digest(_hashed(secret), found.secret):
            self._miss(caller)
            raise SecretWrong("this is not the secret that was given when the proof was published")
        self._kept.end(found.name, self._clock())
        log.info("a published proof was withdrawn", extra={"holder": found.holder})

    def renew_due(self, caller: Caller) -> int:
        """Renew what is due, the oldest first: a bounded part of it, in a bounded time. Tell how many were renewed.

        A crash leaves each as it was before or after: what is still due is renewed by the next call.
        """
        now, begun, renewed = self._clock(), self._seconds(), 0
        self._kept.forget(now - PUBLICATION_KEPT_MS)
        for each in self._kept.due(now - 1_000 * self._settings.renew_seconds, RENEWED_TOGETHER):
            if self._seconds() - begun > RENEWED_SECONDS:
                break
            try:
                file = self._renewed(each, now)
            except (Busy, StoreFailed):
                raise  # of the node, and not of this proof: all of them wait
            except Exception:
                # A fault of ours over one of them must not keep the others from being renewed.
                self._kept.renew(each.name, None, now)
                raise
            self._metrics.renew_publication("failed" if file is None else "renewed")
            self._kept.renew(each.name, file, now)
            renewed += file is not None
        return renewed

    def warning(self, caller: Caller) -> str:
        """Say that published proofs are not renewed in time; nothing while they are."""
        age = self._age_seconds()
        late = age is not None and age > OVERDUE * self._settings.renew_seconds
        return "published proofs are renewed late: what was revoked since does not show in them" if late else ""

    def _checked(self, caller: Caller, data: bytes, now: Moment) -> bytes:
        """Check a proof by this node's trust, and make it anew. Raises TooLarge, Unpublishable, NotFound."""
        if len(data) > PUBLICATION_BYTES:
            raise TooLarge(f"the proof has {len(data)} bytes; at most {PUBLICATION_BYTES} are published")
        trust = self._proofs.trust_file(ITSELF)
        report = check_proof(data, trust, now)
        if report.verdict not in RELIABLE:
            raise Unpublishable(f"{report.verdict.value}: {report.detail}")
        names = [each.id for each in read_proof(data).objects]
        if not self._proofs.check(caller, names):
            # What is published is all that this node can prove of it, more than the caller may see.
            raise NotFound(f"no object has the id {names[0].hex()}")
        made = make_anew(self._proofs, trust, data, now)
        if made.verdict not in RELIABLE:
            raise Unpublishable(f"since it was made: {made.verdict.value}: {made.detail}")
        return made.file

    def _renewed(self, kept: KeptPublication, now: Moment) -> bytes | None:
        """Make a published proof anew; nil if that fails for a reason of its own."""
        assert kept.file is not None, "what is due stands"
        try:
            return make_anew(self._proofs, self._proofs.trust_file(ITSELF), kept.file, now).file
        except (Busy, StoreFailed):
            raise
        except LedgerError as error:
            # It keeps its age, which every verifier sees, and the others go on.
            log.warning("a published proof cannot be renewed", extra=describe(error) | {"holder": kept.holder})
            return None

    def _again(self, caller: Caller, name: bytes, given: bytes, secret: str) -> Granted | None:
        """Answer a call that came before: by the same caller, with the same bytes. Raises NameTaken, Withdrawn."""
        found = self._kept.find(name)
        if found is None:
            return None
        same = (found.holder, found.given) == (caller.holder, given) and compare_digest(_hashed(secret), found.secret)
        if not same:
            raise NameTaken("another proof is published under this name")
        if found.ended is not None:
            raise Withdrawn("this proof was published here, and was withdrawn")
        return self._answer(name, secret)

    def _find(self, caller: Caller, name: bytes | None) -> KeptPublication:
        with self._lock:
            if self._misses.level(caller.name) < 1:
                seconds = self._misses.seconds_until(caller.name, 1)
                raise QuotaExceeded("too many names were asked for under which nothing is published", seconds)
        found = None if name is None else self._kept.find(name)
        if found is None:
            self._miss(caller)
            raise NotFound("nothing is published under this name")
        if found.ended is not None:
            raise Withdrawn("this proof was published here, and was withdrawn by whoever published it")
        return found

    def _miss(self, caller: Caller) -> None:
        with self._lock:
            self._misses.take(caller.name, 1)

    def _take(self, buckets: Buckets, name: str, words: str) -> None:
        with self._lock:
            if buckets.level(name) < 1:
                raise QuotaExceeded(f"too many at once: {words}", buckets.seconds_until(name, 1))
            buckets.take(name, 1)

    def _secret(self, caller: Caller, name: bytes, given: bytes) -> str:
        signature = self._sign(SECRET + name + given + caller.holder.encode())
        return SECRET_PREFIX + hash_bytes(signature).hex()

    def _answer(self, name: bytes, secret: str) -> Granted:
        return Granted(name=write_name(name), address=self._settings.address, secret=secret)

    def _age_seconds(self) -> float | None:
        oldest = self._kept.counts().oldest
        return None if oldest is None else max(0, self._clock() - oldest) / 1_000


def _hashed(secret: str) -> bytes:
    """Hash a secret: it has 256 bits that nobody can try out, so that it needs neither salt nor slowness."""
    return hash_bytes(secret.encode())
