"""Sealed documents reach the nodes of their readers' members, and nobody else's; erased, they are gone from all."""

from collections.abc import Iterator

import pytest

from hanse_ledger.kinds.object import created_id
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.base.bounds import PAYLOAD_BYTES
from hanse_node.payloads.custody import PayloadUnknown
from hanse_node.payloads.knownreaders import OpenedReader, write_openings
from hanse_node.payloads.offering import OFFER_BYTES, PayloadOffer, write_offer
from hanse_node.payloads.partyreaders import PartyReaders
from hanse_node.peers.collecting import OFFER, PAYLOAD
from tests.world.node_ledger import digest
from tests.world.sealed.nodes import MemberNodesHere, Shared, member_nodes, office, party, soon


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemberNodesHere]:
    """Run the nodes of four members."""
    with member_nodes(tmp_path_factory.mktemp("nodes")) as running:
        yield running


def test_it_reaches_its_readers_nodes_and_no_others(nodes: MemberNodesHere) -> None:
    """An office's node and that of a party's member get the very bytes; the chamber's does not, nor learns of it."""
    shared = Shared(1, office("customs"), party("importer", "bank"), party("buyer"), size=1_500_000)
    nodes["market"].send(shared)
    nodes.record(shared.record)
    soon(lambda: nodes.holding(shared) == {"bank", "customs", "market"})
    soon(lambda: len(nodes["market"].holdings.offered) == 0)
    for name in ("bank", "customs"):
        assert nodes[name].node.get(f"/v1/payloads/{shared.digest.hex()}").content == shared.data
        assert nodes[name].delivery(shared) == {"since_ms": None, "state": "here"}
        # Each knows its own readers, and nothing of others'.
        assert len(nodes[name].holdings.openings.of(shared.digest)) == 1
    assert nodes["chamber"].delivery(shared) == {"since_ms": None, "state": "unknown"}
    assert shared.digest.hex() not in {each.name for each in nodes["chamber"].holdings.store.folder.rglob("*")}


def test_erased_it_is_gone_from_all_at_once(nodes: MemberNodesHere) -> None:
    """The record of its erasure deletes it at each node, with all that was known of its readers."""
    shared = Shared(2, office("customs"), office("bank"))
    nodes["market"].send(shared)
    nodes.record(shared.record)
    soon(lambda: nodes.holding(shared) == {"bank", "customs", "market"})
    nodes.record(shared.erased)
    soon(lambda: nodes.holding(shared) == set())
    for name in ("bank", "customs", "market"):
        soon(lambda name=name: not _left(nodes, name, shared))  # type: ignore[misc]  # bound at its making
        assert nodes[name].delivery(shared)["state"] == "erased"


def test_each_node_knows_which_parties_read_what(nodes: MemberNodesHere) -> None:
    """The importer's own node and the sender's do, also in a process that comes after; erased, nobody reads it."""
    shared, importer = Shared(20, office("customs"), party("importer", "bank")), party("importer", "bank")
    invoice = created_id(shared.record.id)

    def seen() -> dict[str, list[bool]]:
        """Ask each node, as it runs and as it would be started on its folder."""
        found = {}
        for name in ("bank", "customs", "market"):
            held = nodes[name].holdings
            asked = (held.parties, PartyReaders(held.openings, held.naming))
            found[name] = [each.sees(importer, thing) for each in asked for thing in (shared.document, invoice)]
        return found

    assert seen() == {"bank": [False] * 4, "customs": [False] * 4, "market": [False] * 4}
    nodes["market"].send(shared)
    nodes.record(shared.record)
    soon(lambda: nodes.holding(shared) == {"bank", "customs", "market"})
    soon(lambda: seen() == {"bank": [True] * 4, "customs": [False] * 4, "market": [True] * 4})
    for name in ("bank", "market"):
        assert not nodes[name].holdings.parties.sees(party("seller"), invoice)
        assert not nodes[name].holdings.parties.sees(importer, created_id(Shared(21, office("customs")).record.id))
    nodes.record(shared.erased)
    soon(lambda: seen() == {"bank": [False] * 4, "customs": [False] * 4, "market": [False] * 4})


def _left(nodes: MemberNodesHere, name: str, shared: Shared) -> list[str]:
    found = nodes[name].holdings.store.folder.rglob("*")
    return [each.name for each in found if each.name.startswith(shared.digest.hex())]


def test_whoever_is_behind_gets_it_later(nodes: MemberNodesHere) -> None:
    """A node that does not know the record yet has nothing to fetch; when it does, it fetches."""
    shared = Shared(3, office("customs"))
    nodes["market"].send(shared)
    nodes.record(shared.record, at=["market"])
    soon(lambda: nodes.holding(shared) == {"market"})
    assert nodes["customs"].holdings.wanted.of(shared.digest) is None
    nodes.record(shared.record, at=["customs"])
    soon(lambda: nodes.holding(shared) == {"customs", "market"})


def test_readers_are_told_after_the_record_too(nodes: MemberNodesHere) -> None:
    """Whoever tells of them once the record stands is judged at once: what is false is refused."""
    shared, other = Shared(4, office("customs")), Shared(5, office("bank"))
    nodes["market"].send(shared, told=other.told())  # false, and nobody can know yet
    nodes.record(shared.record)
    soon(lambda: nodes.holding(shared) == {"market"})
    path = f"/v1/payloads/{shared.digest.hex()}/readers"
    refused = nodes["market"].node.request("PUT", path, content=other.told())
    assert (refused.status_code, refused.json()["code"]) == (422, "readers-differ")
    assert nodes["market"].holdings.openings.of(shared.digest) == ()
    assert nodes["market"].node.request("PUT", path, content=shared.told()).status_code == 204
    soon(lambda: nodes.holding(shared) == {"customs", "market"})


def test_a_member_s_node_that_serves_no_reader_is_answered_as_if_there_were_none(nodes: MemberNodesHere) -> None:
    """Whoever knows the hash gets nothing by it: not with another's opening, and no offer of it goes through."""
    shared = Shared(6, office("customs"))
    nodes["market"].send(shared)
    nodes.record(shared.record)
    soon(lambda: nodes.holding(shared) == {"customs", "market"})
    path, unknown = f"{PAYLOAD}/{shared.digest.hex()}", f"{PAYLOAD}/{digest('unknown').hex()}"
    for shown in ("", shared.told().hex(), "zz"):
        for at in ("market", "customs"):
            refused, none = (nodes.ask("chamber", at, "GET", each, shown=shown) for each in (path, unknown))
            assert (refused.status, none.status) == (404, 404)
    assert nodes.ask("customs", "market", "GET", path).body == shared.data
    false = write_openings([OpenedReader(office("bank"), shared.opened[0].salt)])
    assert nodes.ask("bank", "market", "GET", path, shown=false.hex()).status == 404
    offer = write_offer(PayloadOffer(digest=shared.digest, holders=(), readers=shared.told()))
    assert nodes.ask("customs", "bank", "POST", OFFER, offer).status == 422
    assert nodes["bank"].holdings.wanted.of(shared.digest) is None


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"\xc0", 400), (bytes(OFFER_BYTES + 1), 413)])
def test_what_is_no_offer(nodes: MemberNodesHere, body: bytes, status: int) -> None:
    """It is refused, and no more of it is read than an offer may have."""
    assert nodes.ask("bank", "customs", "POST", OFFER, body).status == status


def test_what_no_record_names_is_not_wanted(nodes: MemberNodesHere) -> None:
    """Hashes of nothing leave nothing: a node asks the ledger, and keeps none of them."""
    told = Shared(7, office("customs")).told()
    for number in range(30):
        made = PayloadOffer(digest=digest("nothing", number), holders=("chamber",), readers=told)
        assert nodes.ask("bank", "customs", "POST", OFFER, write_offer(made)).status in (409, 429)
    assert len(nodes["customs"].holdings.wanted) == 0


def test_whoever_signs_gets_what_is_for_him(nodes: MemberNodesHere) -> None:
    """A reader, an office's officer and the owner; any other party, and any other member's office, as if none were."""
    shared = Shared(8, office("customs"), party("importer", "bank"))
    nodes["market"].send(shared)
    nodes.record(shared.record)
    soon(lambda: nodes.holding(shared) == {"bank", "customs", "market"})
    reads = nodes["market"].node.service.payloads
    for kind, name, member, may in (
        (CallerKind.PARTY, party("seller"), None, True),
        (CallerKind.PARTY, party("importer", "bank"), None, True),
        (CallerKind.PARTY, party("buyer"), None, False),
        (CallerKind.OFFICER, office("customs"), "customs", True),
        (CallerKind.MEMBER_KEY, office("customs"), "customs", True),
        (CallerKind.MEMBER_KEY, office("bank"), "bank", False),
        (CallerKind.MEMBER_KEY, None, "market", False),
    ):
        caller = Caller(kind, "somebody", object_id=name, member=member)
        assert (reads.delivery(caller, shared.digest).state == "here") is may
        if may:
            assert reads.read(caller, shared.digest, 0, PAYLOAD_BYTES)[0] == shared.data
        else:
            with pytest.raises(PayloadUnknown):
                reads.read(caller, shared.digest, 0, PAYLOAD_BYTES)
