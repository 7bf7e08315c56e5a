"""Published proofs in the database: SQLite and PostgreSQL keep the same promises."""

from threading import Barrier, Thread

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from hanse_node.store.beside.publications import Counts, KeptPublication, NameTaken, NoRoom, Publications
from hanse_node.store.sql import SqlLedgerStore, open_store
from tests.world.node_ledger import GENESIS, PARTIES, START, commit, digest, invoice, look

ROOM = {"most": 4, "most_of_holder": 3}


def kept(number: int, holder: str = "token seller", renewed: int = START) -> KeptPublication:
    """Make a publication by its number."""
    return KeptPublication(
        name=digest("name", number)[:16],
        holder=holder,
        given=digest("given", number),
        secret=digest("secret", number),
        made=START,
        renewed=renewed,
        ended=None,
        file=f"proof {number}".encode(),
    )


@pytest.fixture
def publications(store: SqlLedgerStore) -> Publications:
    """Give the publications of an open store."""
    return Publications(store)


def test_what_is_added_is_found(publications: Publications) -> None:
    """Every column comes back as it was; a name that nobody has is no publication."""
    publications.add(kept(1), **ROOM)
    assert publications.find(kept(1).name) == kept(1)
    assert publications.find(kept(2).name) is None
    assert publications.counts() == Counts(standing=1, oldest=START)


def test_nothing_stands_at_first(publications: Publications) -> None:
    """An empty node has nothing to show, to renew or to forget."""
    assert publications.counts() == Counts(standing=0, oldest=None)
    assert publications.due(START * 2, 10) == []
    assert publications.forget(START * 2) == 0


def test_a_name_is_taken_once(publications: Publications) -> None:
    """A second proof under a name changes nothing, withdrawn or not."""
    publications.add(kept(1), **ROOM)
    with pytest.raises(NameTaken):
        publications.add(replace(kept(2), name=kept(1).name), **ROOM)
    publications.end(kept(1).name, START + 1)
    with pytest.raises(NameTaken):
        publications.add(replace(kept(2), name=kept(1).name), **ROOM)
    assert publications.find(kept(1).name) == replace(kept(1), ended=START + 1, file=None)


def test_room_is_bounded_for_all_and_for_each(publications: Publications) -> None:
    """One holder leaves room for others; what was withdrawn counts until it is forgotten."""
    for number in range(3):
        publications.add(kept(number), **ROOM)
    with pytest.raises(NoRoom, match="one token"):
        publications.add(kept(3), **ROOM)
    publications.add(kept(4, "token buyer"), **ROOM)
    with pytest.raises(NoRoom, match="this node"):
        publications.add(kept(5, "token other"), **ROOM)
    publications.end(kept(0).name, START + 5)
    with pytest.raises(NoRoom):
        publications.add(kept(5, "token other"), **ROOM)
    assert publications.forget(START + 5) == 0
    assert publications.forget(START + 6) == 1
    publications.add(kept(5, "token other"), **ROOM)


def test_the_oldest_are_due_first(publications: Publications) -> None:
    """Due is what was renewed before a moment and stands, in order, so many at most."""
    for number, renewed in enumerate((30, 10, 20)):
        publications.add(kept(number, renewed=renewed), **ROOM)
    assert [each.renewed for each in publications.due(31, 2)] == [10, 20]
    assert [each.renewed for each in publications.due(30, 9)] == [10, 20]
    publications.end(kept(1).name, 40)
    assert [each.renewed for each in publications.due(31, 9)] == [20, 30]


def test_a_renewed_one_is_the_newer_file(publications: Publications) -> None:
    """Renewing replaces the file, or counts as tried; what was withdrawn meanwhile stays withdrawn."""
    publications.add(kept(1), **ROOM)
    assert publications.renew(kept(1).name, b"newer", START + 9)
    assert publications.find(kept(1).name) == replace(kept(1), renewed=START + 9, file=b"newer")
    assert publications.renew(kept(1).name, None, START + 10)
    assert publications.find(kept(1).name) == replace(kept(1), renewed=START + 10, file=b"newer")
    publications.end(kept(1).name, START + 11)
    publications.end(kept(1).name, START + 12)
    assert not publications.renew(kept(1).name, b"again", START + 13)
    assert publications.find(kept(1).name) == replace(kept(1), renewed=START + 10, ended=START + 11, file=None)


def test_two_who_publish_at_once_are_counted_both(publications: Publications) -> None:
    """Counting and adding are one step: no race brings more than there may be."""
    barrier, refused = Barrier(6), list[Exception]()

    def add(number: int) -> None:
        barrier.wait()
        try:
            publications.add(kept(number, f"token {number}"), **ROOM)
        except NoRoom as error:
            refused.append(error)

    threads = [Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (publications.counts().standing, len(refused)) == (4, 2)


def test_the_ledger_goes_on_beside(store: SqlLedgerStore, publications: Publications) -> None:
    """What is published is no part of a group, and hinders none; what fails leaves nothing."""
    publications.add(kept(1), **ROOM)
    size = store.head.size
    group = commit(store, *PARTIES)
    publications.renew(kept(1).name, b"newer", START + 9)
    assert store.head.size == size + len(group.entries)
    assert look(store).entry(store.head.size - 1) == group.entries[-1].data
    with pytest.raises(ZeroDivisionError), store.beside(1):
        raise ZeroDivisionError
    commit(store, invoice(1))


def test_it_outlasts_a_restart(url: URL) -> None:
    """What was published stands when the node comes back."""
    first = open_store(url, GENESIS)
    Publications(first).add(kept(1), **ROOM)
    first.close()
    again = open_store(url, GENESIS)
    assert Publications(again).find(kept(1).name) == kept(1)
    again.close()
