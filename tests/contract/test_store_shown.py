"""What readers see while heads wait for the signatures of others."""

import pytest
from sqlalchemy import URL

from hanse_ledger.kinds.claims import ClaimKind, claim_key, tag_claim
from hanse_ledger.kinds.object import created_id
from hanse_node.base.errors import Busy
from hanse_node.store import published, signedheads
from hanse_node.store.reads import Published, standing_head
from hanse_node.store.snapshot import Snapshot
from hanse_node.store.sql import SqlLedgerStore, open_store
from tests.world.node_ledger import (
    GENESIS,
    PARTIES,
    commit,
    digest,
    invoice,
    key_of,
    party,
    public,
    revoke,
)


def everything(view: Snapshot) -> object:
    """Read of a state what a proof could be asked for: each object, its history, claims there and not there."""
    keys = [claim_key(kind, public(key_of(who))) for kind in ClaimKind for who in ("seller", "buyer", "nobody")]
    keys += [tag_claim(1, digest("tag", number)) for number in range(9)]
    names = [party("seller"), party("buyer"), *(created_id(invoice(number, tagged=True).id) for number in range(9))]
    found = view.objects(names)
    return (
        view.standing,
        {name: (number, value, view.object_path(number, value)) for name, (number, value) in found.items()},
        {name: view.history(name) for name in found},
        [(view.claim(key), view.claim_proof(key)) for key in keys],
        view.claims(keys),
        view.records([invoice(number, tagged=True).id for number in range(9)]),
        view.consistency_path(1),
    )


def test_readers_see_the_state_that_others_have_signed(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has been committed since: each state is seen as it was, one after the other, none in between or back."""
    monkeypatch.setattr(signedheads, "PUBLISH_SECONDS", 0.01)
    store = open_store(url, GENESIS, alone=False)
    with pytest.raises(Busy), store.snapshot():
        raise AssertionError("nothing is signed yet")
    assert store.publish(Published(1, "note 1"))
    batches = [[*PARTIES], [invoice(0, tagged=True)], [invoice(1, tagged=True), revoke("buyer")], [revoke("seller")]]
    sizes, seen = [1], [everything_of(store)]
    for batch in batches:
        commit(store, *batch)
        sizes.append(store.head.size)
        with store.present() as view:
            seen.append(everything(view))
        assert everything_of(store) == seen[0]
    assert not store.publish(Published(sizes[2] - 1, "between"))
    for place in (0, 2, 3, 4):
        assert store.publish(Published(sizes[place], f"note {sizes[place]}"))
        assert everything_of(store) == seen[place]
        with store.showing() as reads:
            assert standing_head(reads).size == sizes[place]
    assert not store.publish(Published(sizes[1], "back"))
    store.close()
    again = open_store(url, GENESIS, fresh=False, alone=False)
    assert everything_of(again) == seen[4]
    again.close()


def test_what_is_kept_back_is_bounded(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nobody who signs, readers are told to wait, and see the next state that is signed."""
    monkeypatch.setattr(published, "KEPT_CHANGES", 10)
    monkeypatch.setattr(signedheads, "PUBLISH_SECONDS", 0.01)
    store = open_store(url, GENESIS, alone=False)
    assert store.publish(Published(1, "note"))
    commit(store, *PARTIES)
    for number in range(5):
        commit(store, invoice(number))
    with pytest.raises(Busy), store.snapshot():
        raise AssertionError("it is not kept any more")
    assert not store.publish(Published(4, "too old"))
    assert store.publish(Published(store.head.size, "present"))
    with store.present() as view:
        wanted = everything(view)
    assert everything_of(store) == wanted
    store.close()


def everything_of(store: SqlLedgerStore) -> object:
    """Read everything as readers see it."""
    with store.snapshot() as view:
        assert view.signed_head is not None
        return everything(view)
