"""Changes of the members that state parameters, for tags or otherwise, and bring or remove cosigners besides."""

from msgspec.structs import replace

from hanse_client.home.tagkeys import new_key
from hanse_client.resources.members import set_parameters
from hanse_client.resources.tagepochs import begin_tags, next_epoch
from hanse_ledger.wire.membership import Change, changed, quorum_of
from tests.world.corridor_bodies import a_cosigner, change
from tests.world.corridor_genesis import GENESIS

NAMES = ("bank-be", "bank-cn", "chamber", "customs-cn", "market")
FIVE = changed(GENESIS.membership, change(cosigners=[a_cosigner(name) for name in NAMES], removed=["operator"]))


def leaving(name: str) -> Change:
    """One of five cosigners leaves."""
    return change(removed=[name])


def test_who_leaves_when_tags_begin_leaves_no_quorum_of_all() -> None:
    """The members vote for new keys of tags when one is removed: of four cosigners one may still be away."""
    assert (len(FIVE.cosigners), FIVE.parameters.quorum) == (5, 4)
    begun = begin_tags(leaving("chamber"), FIVE, new_key(next_epoch(FIVE)), {})
    after = changed(FIVE, begun)
    assert (len(after.cosigners), after.parameters.quorum) == (4, quorum_of(4)) == (4, 3)


def test_a_quorum_that_is_given_stays() -> None:
    """Whoever asks for more gets it, whatever comes besides; where nobody leaves or comes, it stays as it is."""
    asked = set_parameters(leaving("chamber"), FIVE, quorum=4)
    assert changed(FIVE, begin_tags(asked, FIVE, new_key(next_epoch(FIVE)), {})).parameters.quorum == 4
    dropped = set_parameters(leaving("chamber"), FIVE, tag_epochs=(1,))
    assert changed(FIVE, dropped).parameters.quorum == 3
    higher = replace(FIVE, parameters=replace(FIVE.parameters, quorum=5))
    assert changed(higher, begin_tags(change(), higher, new_key(next_epoch(FIVE)), {})).parameters.quorum == 5
