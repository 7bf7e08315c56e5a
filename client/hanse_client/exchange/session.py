"""What all calls of a client share: the node, whom to trust, who signs, and what is remembered on disk."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from anyio import Lock, sleep

from hanse_client.base.clock import SECOND_MS, now_ms
from hanse_client.base.errors import (
    BadAnswer,
    ForkDetected,
    HanseError,
    IdentityError,
    InvalidInput,
    LedgerChanged,
    NodeUnreachable,
    SecurityAlarm,
    SetupError,
    StaleHead,
)
from hanse_client.base.identifiers import Id, parse_id_if
from hanse_client.base.notices import Notices
from hanse_client.base.views import Head, Notice
from hanse_client.exchange.acting import Acting
from hanse_client.exchange.asking.askednode import AsksAs, RequestSigner
from hanse_client.exchange.batching import Batcher
from hanse_client.exchange.memberchanges import follow_shown, prove_places
from hanse_client.exchange.tiles import Tiles
from hanse_client.exchange.transport import Transport
from hanse_client.home.alike import AlikeInvoices
from hanse_client.home.identity import Identity
from hanse_client.home.knowledge import HOME_FOLDERS, Knowledge, given_trust, user_home
from hanse_client.home.memory import Heads, Memory, NotKept, SignersUnknown
from hanse_client.home.openings import Openings
from hanse_client.home.publications import PublicationFiles
from hanse_client.home.receivedterms import ReceivedTerms
from hanse_client.home.registered import Registered
from hanse_client.home.unsettled import Sendings
from hanse_client.ring.marker import need_whole
from hanse_client.ring.ringkeys import MeantIdentities
from hanse_client.verify.heads import read_head
from hanse_client.verify.offline import need_ledger_signatures
from hanse_io.durable import tighten, write_whole
from hanse_ledger.misbehaviour.contradiction import accused, contradict, write_contradiction
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH
from hanse_ledger.values import limits
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.moments import span_words
from hanse_ledger.values.types import Digest, LedgerId, MemberId, ObjectId

QUORUM_WAIT_MS = 8_000
"""How long a submission waits for more members than a quorum."""

QUORUM_PAUSE_S = 0.1

STRANGERS = 1_024
"""So many names of signers that nobody knows are remembered, each of which costs one question about the members."""

COMPARE_MS = 10_000
"""How often another node's head is asked for, where there are several."""


class Session:
    """One client's node, trust, keys and memory. The arguments are those of `AsyncClient`."""

    def __init__(  # noqa: PLR0913 (settings, each given by its name)
        self,
        url: str | Sequence[str],
        *,
        identity: Identity | None,
        asks_as: AsksAs | None,
        party: Id | None,
        trust: TrustFile | bytes | Path | str | None,
        home: Path | str | None,
        token_file: Path | str | None,
        ca: Path | str | None,
        timeout_ms: int,
        max_age_ms: int,
        quorum: int | None,
    ) -> None:
        self.identity, self._quorum, self._max_age_ms = identity, quorum, max_age_ms
        self.notices = Notices()
        self.home = Path(home) if home is not None else user_home()
        need_whole(self.home)
        tighten(self.home, HOME_FOLDERS)
        self.transport = Transport(
            url,
            token_file=None if token_file is None else Path(token_file),
            timeout_ms=timeout_ms,
            ca=None if ca is None else Path(ca),
            signer=RequestSigner(asks_as or (lambda: identity), self._trusted_ledger, self.notices.tell),
        )
        self.tiles = Tiles(self._fetch_tile)
        self.openings, self.registered = Openings(self.home), Registered(self.home)
        self.alike, self.received = AlikeInvoices(self.home), ReceivedTerms(self.home)
        self.sendings, self.publications = Sendings(self.home), PublicationFiles(self.home)
        self.batcher = Batcher()
        self.meant = MeantIdentities(self.home)
        self._party = parse_id_if(party, "party")
        self.acting, self.principals = Acting(), dict[ObjectId, ObjectId]()
        self._knowledge = Knowledge(self.home)
        self._trust = given_trust(trust)
        self._followed: TrustFile | None = None
        self.first_contact: LedgerId | None = None
        """The ledger that was taken on the word of its node, in this session."""
        self._strangers: set[str] = set()
        self._trusting = Lock()
        self._memory: Memory | None = None
        self._compared_ms = 0

    async def close(self) -> None:
        """Close connections. May be called twice."""
        await self.transport.close()

    def _trusted_ledger(self) -> LedgerId | None:
        """Name the ledger that is trusted; nil before the first contact."""
        trusted = self._followed or self._trust
        return None if trusted is None else trusted.ledger

    async def trust(self) -> TrustFile:
        """Give the trust file; at the first contact without one, take and keep the node's.

        Raises:
            HanseError: the node does not show one, the home folder cannot keep it, or this machine's library judges
                signatures otherwise than the ledger.
        """
        if self._followed is None:
            async with self._trusting:
                if self._followed is None:
                    need_ledger_signatures()
                    base = self._trust if self._trust is not None else await self._known_trust()
                    self._followed = self._knowledge.members(base)
        return self._followed

    async def follow_members(self) -> TrustFile:
        """Ask the node for the members as they are now, verify each change since those who are known, and keep it.

        Raises:
            BadAnswer: the node's trust file is none, of another ledger, or contradicts what is known.
        """
        known = await self.trust()
        return await self._follow(known, await self.heads())

    async def _follow(self, known: TrustFile, before: Heads) -> TrustFile:
        data = await self.transport.get("/v1/trust", most=limits.TRUST_FILE_BYTES)
        followed = follow_shown(known, data)
        if followed is known:
            return known
        head = await prove_places(self._fetch_covering, self.tiles, followed, known)
        memory = await self.memory()
        await memory.check(head, before, self._prove_growth)
        # From here it is proven: the members' own signatures lead to them, and a quorum's to the places.
        try:
            self._knowledge.remember_members(followed, head.note)
        except SetupError as error:
            self.notices.tell("members-not-kept", error)
        self._followed = followed
        memory.follow(followed)
        return followed

    async def _fetch_covering(self) -> bytes:
        return await self.transport.get("/log/checkpoint", most=limits.CHECKPOINT_BYTES)

    async def read_head(self, note: bytes) -> Head:
        """Verify a head that a node showed; where somebody unknown has signed it, the members may have changed.

        Raises as `heads.read_head` does.
        """
        trust = await self.trust()
        try:
            head = read_head(note, trust)
        except LedgerChanged:
            raise
        except BadAnswer:
            newer = await self._newer_members(trust)
            if newer is trust:
                raise
            return read_head(note, newer)
        if not set(head.strangers) <= self._strangers:
            if len(self._strangers) > STRANGERS:
                self._strangers.clear()
            self._strangers.update(head.strangers)
            newer = await self._newer_members(trust)
            return head if newer is trust else read_head(note, newer)
        return head

    async def _newer_members(self, known: TrustFile) -> TrustFile:
        """Follow the members as far as the node proves them. Only an alarm is what was not asked for."""
        try:
            return await self.follow_members()
        except SecurityAlarm:
            raise
        except HanseError:
            return known

    async def _known_trust(self) -> TrustFile:
        url = self.transport.url
        kept = self._knowledge.trust(url)
        if kept is not None:
            return kept
        data = await self.transport.get("/v1/trust", most=limits.TRUST_FILE_BYTES)
        taken = self._knowledge.trust_at_first_use(url, data)
        self.first_contact = taken.ledger
        return taken

    async def memory(self) -> Memory:
        """Give the remembered heads of the trusted ledger."""
        if self._memory is None:
            self._memory = Memory(self.home, await self.trust(), self._knowledge.members)
        return self._memory

    async def heads(self) -> Heads:
        """Read what is remembered, before a request whose answer shows a head."""
        memory = await self.memory()
        try:
            return await memory.heads()
        except SignersUnknown:
            # What is known of the members was lost, or is of a release that did not have it proven.
            await self._follow(await self.trust(), {})
            return await memory.heads()

    async def head(self, *, old: bool = False) -> Head:
        """Fetch the newest head, verified and remembered. Raises as `accept_head` does."""
        before = await self.heads()
        note = await self.transport.get("/log/checkpoint", most=limits.CHECKPOINT_BYTES)
        return await self.accept_head(note, before, old=old)

    async def need_ledger(self) -> None:
        """Insist, after a node did not have something, that its ledger is the trusted one.

        Raises:
            LedgerChanged: it is another: nothing else that the node says is about this one.
        """
        try:
            await self.read_head(await self.transport.get("/log/checkpoint", most=limits.CHECKPOINT_BYTES))
        except LedgerChanged:
            raise
        except HanseError:
            return  # what it said first is what its caller reports

    async def accept_head(self, note: bytes, before: Heads, *, old: bool = False) -> Head:
        """Verify a head that a node showed, judge its age unless it may be `old`, and remember it.

        Raises as `read_head`, `judge_age` and `remember` do.
        """
        head = await self.read_head(note)
        if not old:
            self.judge_age(head)
        await self.remember(head, before)
        return head

    def judge_age(self, head: Head) -> None:
        """Insist that a head is new. A quiet ledger signs its head anew every minute.

        Raises:
            StaleHead: it was signed too long ago, by this machine's clock.
        """
        age_ms = now_ms() - head.signed_at_seconds * SECOND_MS
        if age_ms > self._max_age_ms:
            raise StaleHead(f"The node's head was signed {span_words(age_ms)} ago, by this machine's clock.")

    async def remember(
        self,
        head: Head,
        before: Heads,
        roots: Mapping[int, Digest] | None = None,
        growth: Mapping[int, Sequence[Digest]] | None = None,
    ) -> Notice | None:
        """Check a verified head against what is remembered, and remember it. The arguments are `Memory.remember`'s.

        Args:
            head: see there.
            before: see there.
            roots: see there.
            growth: what the node gave, unasked, to prove that the head extends those of older sizes.

        Returns:
            That it was checked, and cannot be written; nothing where it could.

        Raises SecurityAlarm and BadAnswer as `Memory.remember` does.
        """

        async def prove(old: Head, new: Head) -> Sequence[Digest]:
            path = (growth or {}).get(old.size) if new.size == head.size else None
            return path if path is not None else await self._prove_growth(old, new)

        try:
            await (await self.memory()).remember(head, before, prove, roots)
        except NotKept as error:
            return self.notices.tell("head-not-kept", error)
        except ForkDetected as error:
            await self._keep_evidence(error)
            raise
        return None

    async def _prove_growth(self, old: Head, new: Head) -> Sequence[Digest]:
        return await self.tiles.consistency(old.size, new)

    async def check_quorum(self) -> None:
        """Insist, before anything is sent, that as many members vouch at all as are asked for. Raises InvalidInput."""
        if self._quorum is None:
            return
        count = len((await self.trust()).membership.cosigners)
        if self._quorum > count:
            count = len((await self.follow_members()).membership.cosigners)
        if self._quorum > count:
            raise InvalidInput(
                f"{self._quorum} members cannot vouch: {count} do.", "Ask for fewer: --quorum, or quorum=…."
            )

    async def await_quorum(self, head: Head) -> tuple[Head, tuple[MemberId, ...]]:
        """Wait, for a while, until as many members as the client asks for have signed a head, or one that extends it.

        Returns:
            The head that most have signed, and who has not, if they are too few.
        """
        cosigners = [cosigner.id for cosigner in (await self.trust()).membership.cosigners]
        wanted = 0 if self._quorum is None else self._quorum
        until = now_ms() + QUORUM_WAIT_MS
        while len(head.vouchers) < wanted and now_ms() < until:
            await sleep(QUORUM_PAUSE_S)
            newer = await self.head()
            if newer.origin == head.origin and newer.size >= head.size and len(newer.vouchers) >= len(head.vouchers):
                head = newer
        missing = tuple(name for name in cosigners if name not in head.vouchers)
        return head, missing if len(head.vouchers) < wanted else ()

    async def compare_heads(self) -> None:
        """Hold another node's head against what is remembered, where there are several nodes; once in a while.

        Raises:
            ForkDetected: it contradicts a head that another node has shown.
            RollbackDetected: it is older than it was.
        """
        now = now_ms()
        if self.transport.nodes == 1 or now - self._compared_ms < COMPARE_MS:
            return
        self._compared_ms = now
        before = await self.heads()
        try:
            note = await self.transport.get_elsewhere("/log/checkpoint", most=limits.CHECKPOINT_BYTES)
            await self.accept_head(note, before)
        except (NodeUnreachable, StaleHead):
            return  # it is away, or asleep; the one that answered is not

    async def _keep_evidence(self, error: ForkDetected) -> None:
        """Write what shows that members contradict themselves, as far as a node's log still shows it."""
        try:
            trust = await self.trust()
            first, second = sorted((error.remembered, error.seen), key=lambda note: read_head(note, trust).size)
            old, new = read_head(first, trust), read_head(second, trust)
            same = old.size == new.size
            root = new.root if same else await self.tiles.root(old.size, new)
            steps = [] if same else await self.tiles.consistency(old.size, new)
            evidence = contradict(trust.ledger, first.decode(), second.decode(), root, steps)
            accused(evidence, trust)
            data = write_contradiction(evidence)
            path = self.home / "evidence" / f"{hash_bytes(data).hex()[:16]}.json"
            write_whole(path, data)
        except (HanseError, LedgerError, OSError):
            return  # the alarm itself carries both heads
        error.evidence = path

    def need_identity(self) -> Identity:
        """Give who signs. Raises IdentityError where nobody does."""
        if self.identity is None:
            raise IdentityError(
                "This client has no identity, so that it cannot sign.",
                "Give one: --identity, or identity=Identity.load(…).",
            )
        return self.identity

    async def own_member(self) -> MemberId:
        """Name the member whose key signs. Raises IdentityError where it is no member's."""
        identity = self.need_identity()
        held = (await self.trust()).membership.holder(identity.public_key)
        if held is None:
            held = (await self.follow_members()).membership.holder(identity.public_key)
        if held is None:
            raise IdentityError(
                f"The key {identity.fingerprint} is no member's in the trust file.", "Sign with a member's identity."
            )
        return held[0].id

    @property
    def party(self) -> ObjectId | None:
        """The party that the caller named, if it did."""
        return self._party

    @property
    def knowledge(self) -> Knowledge:
        """The small facts in the home folder."""
        return self._knowledge

    async def _fetch_tile(self, path: str, elsewhere: bool) -> bytes:
        get = self.transport.get_elsewhere if elsewhere else self.transport.get
        return await get(f"/log/{path}", most=TILE_WIDTH * 32)
