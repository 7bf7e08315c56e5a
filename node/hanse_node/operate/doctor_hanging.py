"""Looking at what hangs on members who are gone: what nobody else can do, and who can take it back or move it.

As `docs/rules.md` has it, "Who holds a right, and what if they are gone": nothing becomes void by it.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from msgspec import Struct
from sqlalchemy import URL, select

from hanse_ledger.kinds.certificate.state import Certificate, CertificateState
from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.member.proposals import OpenProposals
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import decode_object
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.banks import carries, confirms
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import MemberId, Moment, ObjectId
from hanse_ledger.wire.membership import MemberRole, Membership, awaited, why_gone
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.operate.diagnosis import ASK_SECONDS, Findings, good, warn
from hanse_node.store.databases.database import SQLITE, open_database, store_errors
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.index.objects import object_

NAME = "what hangs on them"

PAGE = 5_000
"""So many objects are read in one transaction: 5 ms where the file is in memory."""

TRIES = 5
"""So often a page is read again, where a node starts or stops meanwhile."""

FIRST = -1
"""Objects are numbered from 0."""

_SELECT = "SELECT number, data FROM object WHERE number > ? ORDER BY number LIMIT ?"

_Page = list[tuple[int, bytes]]
"""Objects' numbers and bytes, in order."""


class _Way(Struct, frozen=True):
    """What hangs on a member, in the plural, and what can be done about it."""

    what: str
    fix: str


_CONFIRMING = _Way(
    "payments under way whose payee's bank",
    "They cannot be confirmed. The payer takes each back, and instructs another through another bank: "
    "hanse payment withdraw",
)
_REJECTING = _Way(
    "payments under way whose payer's bank",
    "They cannot be rejected. What is not carried out the payer takes back: hanse payment withdraw",
)
_PARTY = _Way(
    "parties whose member",
    "They sign and trade on. Each should move to another member: hanse party request-move, then both sign with "
    "hanse party move",
)
_CERTIFICATE = _Way(
    "certificates in force whose issuer",
    "They are not void: each ends with its validity, and until then nobody can revoke it; customs decides about each "
    "use of it",
)
_APPLICATION = _Way(
    "applications for certificates whose issuer",
    "Nobody can decide about them. The exporter takes each back, and applies to another issuer: "
    "hanse certificate withdraw",
)
_DECLARATION = _Way(
    "declarations whose authority",
    "Nobody can decide about them. The declarant takes each back, and lodges it with another authority: "
    "hanse declaration withdraw",
)


class _Found(Struct):
    """How many of a kind hang on one member, and the first of them."""

    first: ObjectId
    count: int = 0


def examine_hanging(url: URL, membership: Membership, proposals: OpenProposals, now: Moment) -> Findings:
    """Read all objects of a database, page by page, and say what hangs on members who are gone.

    Args:
        url: the database; it is only read, and a node may write meanwhile.
        membership: the members in force.
        proposals: what they are voting on.
        now: the present in milliseconds since 1970.

    Raises:
        StoreFailed, sqlite3.Error: it cannot be read.
        CannotStart: a node starts and stops all the time.
    """
    left = list(left_proposals(membership, proposals, now))
    # Before the first change of the members nobody can have left; and this look reads the whole ledger.
    whole = membership.epoch == 0 and not any(
        why_gone(membership, member.id, None, now) for member in membership.members
    )
    left += [] if whole else left_objects(membership, all_objects(url), now)
    yield from left or [good(NAME, "nothing on anybody who is gone")]


def left_objects(membership: Membership, objects: Iterable[Object], now: Moment) -> Findings:
    """Count what hangs on members who are gone, by what it is and on whom."""
    hanging: dict[tuple[_Way, MemberId, str], _Found] = {}
    for value in objects:
        for way, name, role in _hangs_on(value, now):
            if why := why_gone(membership, name, role, now):
                hanging.setdefault((way, name, why), _Found(value.id)).count += 1
    for (way, name, why), counted in hanging.items():
        seen = f"{counted.count} {way.what} {name} {why}, the first {counted.first.hex()}"
        yield warn(NAME, seen, way.fix)


def left_proposals(membership: Membership, proposals: OpenProposals, now: Moment) -> Findings:
    """Name the open proposals that wait for somebody: for a node, or for a proposer who signs no more."""
    for proposal in proposals.whole:
        if proposal.closes <= now:
            continue
        closes = f"Else it is void {moment_words(proposal.closes)}"
        waits = [name for name in awaited(membership, proposal.change) if name not in proposal.ready]
        if why := why_gone(membership, proposal.proposer, None, now):
            seen = f"a proposal of {proposal.proposer}, who {why}, and cannot withdraw it: {proposal.id.hex()}"
            yield warn(NAME, seen, f"Vote on it: hanse member vote. {closes}")
        elif proposal.accepted and waits:
            seen = f"an accepted proposal that waits for the node of {', '.join(waits)}: {proposal.id.hex()}"
            yield warn(
                NAME, seen, f"Have it started, or {proposal.proposer} withdraws: hanse member withdraw. {closes}"
            )


def _hangs_on(value: Object, now: Moment) -> Iterator[tuple[_Way, MemberId, MemberRole | None]]:
    """Name the members without whom something of an object, which is not over, cannot be done."""
    match value:
        case Party() if value.key.key is not None and value.status.valid_until > now:
            yield _PARTY, value.links.member, None
        case Certificate() if value.status.state is CertificateState.LIVE and value.status.valid_until > now:
            yield _CERTIFICATE, value.links.issuer, MemberRole.ORIGIN_ISSUER
        case Certificate() if value.status.state is CertificateState.APPLIED:
            yield _APPLICATION, value.links.issuer, MemberRole.ORIGIN_ISSUER
        case Declaration() if value.undecided:
            yield _DECLARATION, value.links.customs, MemberRole.CUSTOMS
        case Payment() if value.amounts.under_way_minor > 0:
            yield _CONFIRMING, confirms(value.links), MemberRole.BANK
            yield _REJECTING, carries(value.links), MemberRole.BANK


def all_objects(url: URL) -> Iterator[Object]:
    """Read all objects, page by page, each page as it stands when it is read; nothing is written.

    No transaction outlasts a page: whoever reads for long keeps a node's write-ahead log from being begun anew, and
    PostgreSQL from clearing away what is gone.

    Raises:
        StoreFailed, sqlite3.Error: it cannot be read.
        CannotStart: a node starts and stops all the time.
    """
    pages = _pages_of_file(Path(str(url.database))) if url.get_backend_name() == SQLITE else _pages_of_server(url)
    for page in pages:
        for number, data in page:
            try:
                value = decode_object(data)
            except UNREADABLE as error:
                raise StoreFailed(f"object {number} is damaged: {error}") from error
            yield value


def _pages_of_server(url: URL) -> Iterator[_Page]:
    database = open_database(url)
    try:
        after = FIRST
        while True:
            asked = select(object_.c.number, object_.c.data).where(object_.c.number > after)
            with store_errors(), database.connect() as connection, connection.begin():
                rows = connection.execute(asked.order_by(object_.c.number).limit(PAGE))
                page = [(number, bytes(data)) for number, data in rows]
            if not page:
                return
            yield page
            after = page[-1][0]
    finally:
        database.dispose()


def _pages_of_file(path: Path) -> Iterator[_Page]:
    after = FIRST
    while page := _page_of_file(path, after):
        yield page
        after = page[-1][0]


def _page_of_file(path: Path, after: int) -> _Page:
    """Read a page; again, where a node has begun to write meanwhile, or has ended: nobody knows what was read then."""
    for _ in range(TRIES):
        still = _still(path)
        try:
            with closing(_connect(path, still=still is not None)) as opened:
                page: _Page = opened.execute(_SELECT, (after, PAGE)).fetchall()
        except driver.Error:
            if _still(path) == still:
                raise
            continue
        if still is None or _still(path) == still:
            return page
    raise CannotStart("The objects could not be checked: a node starts and stops all the time", "Look again later")


def _still(path: Path) -> tuple[int, int] | None:
    """Give what a database's file would not keep if somebody wrote; nil where a log says that somebody does."""
    if path.with_name(path.name + "-wal").exists():
        return None
    seen = path.stat()
    return seen.st_mtime_ns, seen.st_size


def connect_readonly(path: Path) -> driver.Connection:
    """Open a node's SQLite database to read a little of it. Without a log nobody writes, and no files are left behind.

    Where a node begins to write meanwhile, nobody knows what is read: a long look takes `all_objects`' way.
    """
    return _connect(path, still=_still(path) is not None)


def _connect(path: Path, *, still: bool) -> driver.Connection:
    how = "immutable=1" if still else "mode=ro"
    return driver.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=ASK_SECONDS)
