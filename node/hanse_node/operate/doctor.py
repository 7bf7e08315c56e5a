"""Looking at a node's folder as somebody does who wants to help: each finding with what to do about it.

Nothing is changed, but for one small file that is written and removed to measure the disk, where no node runs. The
folder may be in any state: what goes wrong here is a finding like any other.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import URL

from hanse_io.locks import Lock, Taken
from hanse_io.outgoing import OutgoingError
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Membership
from hanse_node.api.access import is_loopback
from hanse_node.base.config import Config
from hanse_node.base.errors import CannotStart, NodeError
from hanse_node.base.folder import (
    CONFIG,
    COSIGNING_KEY,
    GENESIS,
    HIGH_WATER,
    LOCK,
    LOG_KEY,
    TREES,
    NodeFolder,
    check_keys,
    database_url,
    read_folder,
    read_keys,
)
from hanse_node.base.private import open_to_others
from hanse_node.front.clientcertificate import NEEDS_TLS, check_pair, tls_pair
from hanse_node.operate.diagnosis import ASK_SECONDS, Diagnosis, Findings, bad, good, size_in_words, warn
from hanse_node.operate.doctor_consortium import examine_consortium
from hanse_node.operate.doctor_database import examine_database
from hanse_node.operate.doctor_hanging import examine_hanging
from hanse_node.operate.doctor_installation import INSTALLATION, measure_flush
from hanse_node.operate.doctor_members import examine_members
from hanse_node.operate.doctor_payloads import examine_payloads
from hanse_node.operate.doctor_publications import examine_publications
from hanse_node.operate.doctor_webhooks import examine_webhooks
from hanse_node.signing.cosign import HeadSigner
from hanse_node.signing.tokens import read_tokens
from hanse_node.store.databases.database import SQLITE
from hanse_node.store.databases.sqlite import driver
from hanse_node.whereabouts import ask_here, noted_address

LEAST_FREE_BYTES = 256 * 1024 * 1024
NAMED = 5
SOON_MS = 14 * 86_400_000


def examine(folder: Path, environment: Mapping[str, str], now: Moment) -> list[Diagnosis]:
    """Look at a node's folder.

    Args:
        folder: the folder; it may be in any state.
        environment: overrides of settings, `HANSE_NODE_…`.
        now: the present in milliseconds since 1970.

    Returns:
        The findings, in the order in which things build upon each other. What cannot be looked at without something
        that is missing is left out.
    """
    return list(_Doctor(folder, environment, now).findings())


class _Doctor:
    def __init__(self, folder: Path, environment: Mapping[str, str], now: Moment) -> None:
        self._folder, self._environment, self._now = folder, environment, now
        self._config: Config | None = None
        self._genesis: Genesis | None = None
        self._running, self._size = False, 0
        self._membership: Membership | None = None
        self._proposals = NO_PROPOSALS

    def findings(self) -> Findings:
        """Look at one thing after the other; whatever fails to be looked at says so."""
        looks: tuple[tuple[str, Callable[[], Findings]], ...] = (
            *INSTALLATION,
            ("folder", self._place),
            ("rights", self._rights),
            ("settings and genesis", self._settings),
            ("process", self._process),
            ("keys", self._keys),
            ("tokens", self._tokens),
            ("clients' TLS", self._tls),
            ("disk", self._disk),
            ("database", self._database),
            ("high-water mark", self._mark),
            ("saved trees", self._trees),
            ("members", self._members),
            ("what hangs on them", self._hanging),
            ("consortium", self._consortium),
            ("published proofs", self._publications),
            ("sealed documents", self._payloads),
            ("webhooks", self._webhooks),
            ("leftovers", self._leftovers),
            ("answers", self._answers),
        )
        for name, look in looks:
            try:
                yield from look()
            except CannotStart as error:
                yield bad(name, error.reason, error.next_step)
            except driver.Error as error:
                fix = "If the disk is sound, run: hanse node rebuild; else restore the newest backup: hanse restore"
                yield bad(name, str(error), fix)
            except (NodeError, OSError) as error:
                yield bad(name, str(error), "Restore the file, or its rights")

    def _place(self) -> Findings:
        if not self._folder.is_dir():
            yield bad("folder", f"{self._folder} is no folder", "Name the node's folder: --dir")
            return
        if not os.access(self._folder, os.W_OK):
            yield bad("folder", "this user may not write into it", "Run as the node's user, or mount the disk writable")
        else:
            yield good("folder", str(self._folder))

    def _rights(self) -> Findings:
        if not self._folder.is_dir():
            return
        found = open_to_others(self._folder)
        if found:
            names = ", ".join(sorted(str(path.relative_to(self._folder)) for path in found)[:NAMED])
            fix = f"Start the node, which closes them, or run: chmod -R go= {self._folder}"
            yield warn("rights", f"{len(found)} files or folders are open to other users: {names}", fix)
        else:
            yield good("rights", "nothing in it is open to other users")

    def _settings(self) -> Findings:
        self._config, self._genesis = read_folder(self._folder, self._environment)
        yield good(CONFIG, f"cosigner {self._config.cosigner}")
        yield good(GENESIS, f"the ledger {self._genesis.name!r}")

    def _process(self) -> Findings:
        lock = self._folder / LOCK
        if lock.exists():
            try:
                with Lock(lock).held():
                    pass
            except Taken:
                self._running = True
        yield good("process", "a node runs on the folder" if self._running else "no node runs on the folder")

    def _keys(self) -> Findings:
        if self._config is None or self._genesis is None:
            return
        keys = read_keys(self._folder)
        if not self._config.follow:
            check_keys(self._genesis, self._config, keys)
        yield good("keys", f"{LOG_KEY} and {COSIGNING_KEY} are those of the genesis, and nobody else's to read")

    def _tokens(self) -> Findings:
        if self._config is None:
            return
        path = self._folder / self._config.token_file
        found = read_tokens(path)
        ending = [token.name for token in found if token.ends < self._now + SOON_MS]
        if ending:
            fix = "Give them new ones: hanse token create; and take the old ones away: hanse token revoke"
            yield warn("tokens", f"ended, or end within two weeks: {', '.join(ending)}", fix)
        elif found:
            yield good("tokens", f"{len(found)} readers have one")
        elif is_loopback(self._config.listen.host):
            yield good("tokens", "none are asked for: the node listens on loopback alone")
        else:
            fix = f"Make some: hanse token create NAME --scope read --dir {self._folder}"
            yield bad(
                "tokens", f"{self._config.listen.host} can be reached from other machines, and there are none", fix
            )

    def _tls(self) -> Findings:
        if self._config is None:
            return
        listen = self._config.listen
        pair = tls_pair(self._folder, listen)
        if pair is not None:
            seen, soon = check_pair(*pair, self._now)
            yield (
                warn("clients' TLS", f"{seen}: {soon}", "See why it was not renewed")
                if soon
                else good("clients' TLS", seen)
            )
        elif is_loopback(listen.host):
            yield good("clients' TLS", "none is needed: the node listens on loopback alone")
        elif listen.trusted_proxies:
            yield good("clients' TLS", f"left to a proxy in front: {listen.trusted_proxies}")
        else:
            yield warn("clients' TLS", f"tokens and records reach {listen.host} in the clear", NEEDS_TLS)

    def _disk(self) -> Findings:
        database = self._database_path()
        if database is None:
            return
        free = shutil.disk_usage(database.parent).free
        size = database.stat().st_size if database.exists() else 0
        seen = f"{size_in_words(free)} free beside a database of {size_in_words(size)}"
        if free < LEAST_FREE_BYTES:
            yield bad("disk", seen, "Make room: the node stops when the disk is full")
        elif free < size // 4:
            yield warn("disk", seen, "Make room: a backup or an audit needs as much as the database")
        else:
            yield good("disk", seen)
        yield good("flush", "not measured while the node runs") if self._running else measure_flush(self._folder)

    def _database(self) -> Findings:
        url = self._database_url()
        head = None if url is None else (yield from examine_database(url, self._now))
        if head is not None:
            self._size, self._membership, self._proposals = head.size, head.membership, head.proposals

    def _mark(self) -> Findings:
        if self._config is None or self._genesis is None:
            return
        path, database = self._folder / HIGH_WATER, self._database_path()
        if not path.exists():
            if database is not None and database.exists():
                fix = "Bring it from this node's own disk; without it see hanse restore"
                yield bad("high-water mark", "it is missing, though there is a database", fix)
            return
        # Not opened: its lock is the node's.
        folder = NodeFolder(
            self._folder, self._config, self._genesis, read_keys(self._folder), Lock(self._folder / LOCK)
        )
        mark = HeadSigner(folder, lambda: self._now).mark
        assert mark is not None, "a file that is there is read, or refused"
        if self._size and mark.size > self._size:
            fix = "Bring the newest database of this node: it must not go on from an older one"
            yield bad("high-water mark", f"{mark.size} entries are signed, and the database has {self._size}", fix)
            return
        since = self._now // 1_000 - mark.seconds
        when = f"{since} s ago" if since >= 0 else f"{-since} s ahead of this machine's clock"
        yield good("high-water mark", f"{mark.size} entries signed, the last time {when}")

    def _trees(self) -> Findings:
        path = self._folder / TREES
        if not self._running and path.exists():
            yield good("saved trees", f"{size_in_words(path.stat().st_size)}: the next start is quick")
        elif not self._running:
            yield good("saved trees", "none: the next start reads all objects and claims")

    def _members(self) -> Findings:
        if self._genesis is not None:
            yield from examine_members(self._genesis.membership, self._membership, self._now)

    def _hanging(self) -> Findings:
        url = self._database_url()
        if url is not None and self._membership is not None:
            yield from examine_hanging(url, self._membership, self._proposals, self._now)

    def _consortium(self) -> Findings:
        if self._config is not None and self._genesis is not None and self._config.comet.enabled:
            members = self._membership or self._genesis.membership
            yield from examine_consortium(
                self._folder, self._config, self._genesis, members, self._proposals, self._now
            )

    def _publications(self) -> Findings:
        url = self._database_url()
        if url is not None and self._config is not None and self._membership is not None:
            yield from examine_publications(url, self._config.publishing, self._now, running=self._running)

    def _payloads(self) -> Findings:
        if self._config is not None:
            consortium = self._config.comet.enabled
            yield from examine_payloads(self._folder, self._config.payloads, self._now, consortium=consortium)

    def _webhooks(self) -> Findings:
        url = self._database_url()
        if url is not None and self._membership is not None:
            yield from examine_webhooks(self._folder, url)

    def _leftovers(self) -> Findings:
        database = self._database_path()
        if database is None:
            return
        patterns = (f"{database.name}.before-*", f"{database.name}.restored*", f"{database.name}.rebuilt*")
        left = [path for pattern in patterns for path in database.parent.glob(pattern)]
        if left:
            total = size_in_words(sum(path.stat().st_size for path in left))
            names = ", ".join(sorted(path.name for path in left))
            yield warn("leftovers", f"{total} in {names}", "Remove them once the node runs well")

    def _answers(self) -> Findings:
        if self._config is None or not self._running:
            return
        # The node may have been told another address than its settings say.
        url = noted_address(self._folder)
        if url is None:
            fix = "Wait a moment: it is starting, or stopping; else look into its log"
            yield warn("answers", "a node has the folder, and has not said yet where it answers", fix)
            return
        try:
            answer = ask_here(url, "/readyz", ASK_SECONDS)
        except OutgoingError as error:
            yield warn("answers", f"{url} does not answer: {error}", "Look into its log")
            return
        if answer.ok:
            yield good("answers", f"{url} takes records")
        else:
            said = answer.body.decode(errors="replace")[:200]
            yield bad("answers", f"{url} takes no records: {said}", "Look into its log, and start it again")

    def _database_url(self) -> URL | None:
        return None if self._config is None else database_url(self._folder, self._config)

    def _database_path(self) -> Path | None:
        """Name the database's file, where there is one."""
        url = self._database_url()
        return None if url is None or url.get_backend_name() != SQLITE else Path(str(url.database))
