"""What a home of the ledger promises. SQLite and PostgreSQL pass the same tests."""

from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, create_engine

from hanse_ledger.blocks.block import BlockBuilder, genesis_block
from hanse_ledger.blocks.replay import replay
from hanse_ledger.kinds.claims import ClaimKind, claim_key, tag_claim
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.tlog.tlog_tiles import decode_entry_bundle
from hanse_ledger.trees.claims_map import verify_absence, verify_presence
from hanse_ledger.trees.merkle import root_of, verify_consistency, verify_inclusion
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values.errors import Conflict
from hanse_ledger.values.hashing import hash_leaf
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.lifecycle.rebuild import rebuild
from hanse_node.store.databases.database import open_database
from hanse_node.store.index import TABLES
from hanse_node.store.sql import SqlLedgerStore, open_store
from tests.world.node_ledger import (
    GENESIS,
    HOUR,
    PARTIES,
    START,
    build,
    commit,
    digest,
    enrol,
    invoice,
    key_of,
    look,
    party,
    public,
    revoke,
)


def all_entries(store: SqlLedgerStore) -> list[bytes]:
    """Read every entry."""
    return [data for start in range(0, store.head.size, 1_000) for data in look(store).entries(start, start + 1_000)]


def test_a_new_store_holds_the_genesis(store: SqlLedgerStore) -> None:
    """The first entry is the state entry of the genesis, and nothing else stands."""
    first = genesis_block(GENESIS)
    assert store.head == first.head
    assert look(store).entries(0, 10) == [first.entries[0].data]
    assert look(store).tile(0, 0) == first.entries[0].leaf
    assert store.published is None
    assert look(store).find_record(digest(1)) is None
    assert look(store).object(digest(1)) is None
    assert look(store).claim(digest(1)) is None
    assert look(store).history(digest(1)) == []
    assert look(store).entry(1) is None
    assert look(store).entry(-1) is None


def test_the_migrations_lead_to_the_tables(url: URL) -> None:
    """What the migrations make is what the statements expect."""
    open_store(url, GENESIS).close()
    # Not as the store opens it: whatever reflects an index of PostgreSQL's reads its catalogue as text.
    database = create_engine(url if url.drivername == "sqlite" else url.set(drivername="postgresql+psycopg"))
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), TABLES) == []
    database.dispose()


def test_a_group_is_read_back(store: SqlLedgerStore) -> None:
    """Everything that a block carries is found where it belongs."""
    tagged = invoice(1, tagged=True)
    commit(store, *PARTIES)
    block = commit(store, tagged, invoice(2), at=START + 2 * HOUR)
    assert store.head == block.head
    assert look(store).entries(4, 9) == [row.data for row in block.entries]
    assert look(store).find_record(invoice(2).id) == 5
    found = look(store).object(created_id(tagged.id))
    assert found == (2, block.objects[2].value)
    assert look(store).objects([party("seller"), digest(1)]).keys() == {party("seller")}
    claim = tag_claim(1, digest("tag", 1))
    assert look(store).claims([claim, digest(1)]) == {claim: created_id(tagged.id)}


def test_a_history_replays_to_the_head_that_the_object_shows(store: SqlLedgerStore) -> None:
    """The records that touched an object, newest first and page by page, are all of them."""
    invoices = [invoice(number) for number in range(10)]
    commit(store, *PARTIES)
    commit(store, *invoices[:7])
    commit(store, *invoices[7:])
    rows = look(store).history(party("seller"), limit=4)
    while rows[-1].sequence > 0:
        rows += look(store).history(party("seller"), before=rows[-1].sequence, limit=4)
    assert [row.sequence for row in rows] == list(range(10, -1, -1))
    names = {look(store).find_record(signed.id): signed.id for signed in (PARTIES[0], *invoices)}
    chain = NO_HISTORY
    for touch in reversed(rows):
        chain = chain.after(names[touch.position])
    found = look(store).object(party("seller"))
    assert found is not None
    assert found[1].history == chain


def test_what_does_not_follow_is_refused(store: SqlLedgerStore) -> None:
    """A block is stored once, and only after the block before it; nothing of a refused one stays."""
    commit(store, *PARTIES)
    first, second = build(store, invoice(1)), build(store, invoice(2))
    store.append(first)
    for block in (first, second, genesis_block(GENESIS)):
        with pytest.raises(Conflict):
            store.append(block)
    assert store.head == first.head
    assert look(store).find_record(invoice(2).id) is None
    commit(store, invoice(2))


def test_work_that_is_left_leaves_nothing(store: SqlLedgerStore) -> None:
    """A block that is built and not appended leaves rows, trees and head as they were, and the next one goes on."""
    commit(store, *PARTIES)
    before, root = store.head, store.trees.objects.root()
    with store.work() as work:
        builder = BlockBuilder(store.ledger, work.head, work.state, START + HOUR)
        builder.add(invoice(1))
        assert work.finish(builder) is not None
    assert (store.head, store.trees.objects.root()) == (before, root)
    commit(store, invoice(1))


def test_a_reopened_store_goes_on(url: URL) -> None:
    """After closing and opening, head and object tree are the same, and the next block follows."""
    store = open_store(url, GENESIS)
    commit(store, *PARTIES)
    commit(store, invoice(1, tagged=True))
    head, root = store.head, store.trees.objects.root()
    store.close()
    store = open_store(url, GENESIS, fresh=False)
    assert (store.head, store.trees.objects.root()) == (head, root)
    commit(store, invoice(2, tagged=True), revoke("seller"))
    replayed = replay(GENESIS, all_entries(store))
    assert replayed.head == store.head
    store.close()


def test_another_writer_is_noticed(url: URL) -> None:
    """When somebody else has written, a store that has not is refused, before it can fork the ledger."""
    store, other = open_store(url, GENESIS), open_store(url, GENESIS)
    commit(store, *PARTIES)
    with pytest.raises(Conflict, match="another writer came first"):
        commit(other, *PARTIES)
    store.close()
    other.close()


def test_an_empty_database_is_not_begun_again(url: URL) -> None:
    """A node that has signed heads does not start a new history in an empty database."""
    with pytest.raises(CannotStart, match="empty"):
        open_store(url, GENESIS, fresh=False)


def test_a_later_release_s_database_is_refused(url: URL) -> None:
    """A database that a later release has migrated is left alone."""
    open_store(url, GENESIS).close()
    database = open_database(url)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.dispose()
    with pytest.raises(CannotStart, match="newer release"):
        open_store(url, GENESIS)


def test_a_snapshot_proves_objects_claims_and_entries(store: SqlLedgerStore) -> None:
    """Paths and proofs of a snapshot lead to the roots of its head, and the head's root is the log's."""
    commit(store, *PARTIES)
    commit(store, *(invoice(number, tagged=True) for number in range(300)))
    commit(store, revoke("buyer"))
    with store.present() as view:
        head = view.standing
        found = view.object(party("buyer"))
        assert found is not None
        number, value = found
        leaf = object_leaf(value.id, object_value(value))
        verify_inclusion(leaf, number, head.objects_count, view.object_path(number, value), head.objects_root)
        claim = tag_claim(1, digest("tag", 7))
        holder = view.claim(claim)
        assert holder is not None
        verify_presence(head.claims_root, claim, holder, view.claim_proof(claim))
        key = claim_key(ClaimKind.REVOKED_KEY, public(key_of("seller")))
        verify_absence(head.claims_root, key, view.claim_proof(key))
        data = view.entry(77)
        assert data is not None
        verify_inclusion(hash_leaf(data), 77, head.size, view.log_path(77), head.root)
        leaves = [hash_leaf(each) for each in view.entries(0, head.size)]
        verify_inclusion(leaves[2], 2, 3, view.log_path(2, 3), root_of(leaves[:3]))
        verify_consistency(3, head.size, root_of(leaves[:3]), head.root, view.consistency_path(3))
        with pytest.raises(IndexError):
            view.log_path(head.size)
        with pytest.raises(IndexError):
            view.consistency_path(3, head.size + 1)


def test_a_snapshot_stands_still_while_the_ledger_grows(store: SqlLedgerStore) -> None:
    """Groups that are committed beside never mix into a snapshot: its rows, its tree and its head agree."""
    commit(store, *PARTIES)

    def grow() -> None:
        for number in range(40):
            commit(store, invoice(number))

    writer = Thread(target=grow)
    writer.start()
    heights = set()
    while writer.is_alive():
        with store.present() as view:
            head = view.standing
            number, value = view.objects([party("seller")])[party("seller")]
            assert isinstance(value, Party)
            assert value.history.count == max(1, head.height)
            leaf = object_leaf(value.id, object_value(value))
            verify_inclusion(leaf, number, head.objects_count, view.object_path(number, value), head.objects_root)
            heights.add(head.height)
    writer.join()
    assert store.head.height == 41
    assert heights


def test_a_checkpoint_appears_with_its_group(store: SqlLedgerStore) -> None:
    """Whoever sees a block's head sees its checkpoint; a newer signature takes an older one's place."""
    commit(store, *PARTIES, sign=lambda head, _: f"first of {head.size}")
    with store.present() as view:
        assert view.signed_head == "first of 4"
    assert store.published == (4, "first of 4")
    store.sign_again(lambda head, _: f"second of {head.size}")
    assert store.published == (4, "second of 4")
    assert look(store).checkpoint(4) == "second of 4"
    assert look(store).checkpoint(1) is None
    assert look(store).checkpoint(-1) is None
    assert look(store).checkpoint(2**70) is None


def test_a_checkpoint_is_stored_with_the_group_after_it(store: SqlLedgerStore) -> None:
    """It costs no commit of its own: the next block's carries it, or closing the store."""
    commit(store, *PARTIES, sign=lambda head, _: f"head of {head.size}")
    assert look(store).checkpoint(4) is None
    commit(store, invoice(1), sign=lambda head, _: f"head of {head.size}")
    assert look(store).checkpoint(4) == "head of 4"
    assert look(store).checkpoint(6) is None
    store.close()
    again = open_store(store._database.url, GENESIS, fresh=False)
    assert again.published == (6, "head of 6")
    again.close()


def test_a_failed_signature_leaves_the_group(store: SqlLedgerStore) -> None:
    """What is committed stays committed when it cannot be signed; the trees have moved with it."""
    commit(store, *PARTIES)

    def refuse(_head: object, _log: object) -> str:
        raise StoreFailed("no high-water mark")

    block = build(store, invoice(1))
    with pytest.raises(StoreFailed, match="no high-water mark"):
        store.append(block, refuse)
    assert store.head == block.head
    assert store.trees.objects.root() == block.head.objects_root
    assert store.published is None
    with store.present() as view:
        assert view.signed_head is None
    commit(store, invoice(2))


def test_bundles_hold_the_entries(store: SqlLedgerStore) -> None:
    """An entry bundle is whole or partial as asked, and there is none of entries that do not stand."""
    commit(store, *PARTIES)
    commit(store, *(invoice(number) for number in range(300)))
    entries = all_entries(store)
    whole, partial = look(store).entry_bundle(0), look(store).entry_bundle(1, 20)
    assert whole is not None
    assert partial is not None
    assert decode_entry_bundle(whole, 256) == entries[:256]
    assert decode_entry_bundle(partial, 20) == entries[256:276]
    assert look(store).entry_bundle(1) is None
    assert look(store).entry_bundle(2, 1) is None
    assert look(store).entry_bundle(0, 0) is None
    assert look(store).entry_bundle(0, 257) is None
    assert look(store).tile(0, 0) == b"".join(hash_leaf(data) for data in entries[:256])
    assert len(look(store).tile(1, 0)) == 32
    for nowhere in ((-1, 0), (64, 0), (0, -1), (0, 2**70)):
        assert look(store).tile(*nowhere) == b""


def test_a_database_is_rebuilt_from_its_entries(store: SqlLedgerStore, tmp_path: Path) -> None:
    """The entries alone lead to the same rows; entries that are not the rules' are refused."""
    commit(store, *PARTIES)
    commit(store, invoice(1, tagged=True), invoice(2))
    commit(store, enrol("third"), revoke("seller"))
    entries = all_entries(store)
    (tmp_path / "new").mkdir()
    new = open_store(URL.create("sqlite", database=str(tmp_path / "new" / "ledger.db")), GENESIS)
    rebuild(new, entries)
    assert new.head == store.head
    with store.reading() as old_rows, new.reading() as new_rows:
        for table in TABLES.sorted_tables:
            query = table.select().order_by(*table.primary_key)
            assert list(new_rows.rows(query)) == list(old_rows.rows(query)), table.name
    new.close()
    assert decode_entry(entries[-1]).position == len(entries) - 1
