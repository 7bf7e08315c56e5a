"""Tags that a node makes: for whom, of what, and how it says no."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_documents.semantics.epochkeys import EpochKey
from hanse_documents.semantics.tagrequests import (
    MEDIA_TYPE,
    IdentityPart,
    SignedTagRequest,
    TagRequest,
    read_tags,
)
from hanse_documents.semantics.tags import tag_value
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import EnrolParty, PartyRole
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.jsonform import encode_json
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_terms
from hanse_ledger.wire.genesis import ledger_id
from hanse_ledger.wire.membership import Parameters
from hanse_ledger.wire.tagkeys import SEALED_BYTES, SealedTagKey, TagKey
from hanse_node.base.folder import open_folder
from hanse_node.base.private import SECRETS
from hanse_node.queries.tagging import FRESH_MS, SELLER_BURST
from hanse_node.signing.tagbook import KeyDiffers, KeyMissing, TagBook
from tests.world.front import Front, front
from tests.world.node_ledger import GENESIS, HOUR, MARKET, START, digest, key_of, public, sign

NOW = START + HOUR
KEY = EpochKey(epoch=1, key=digest("tag key"))
TERMS = {
    "kiln": {"lei": "529900T8BM49AURSDO55", "name": "kiln"},
    "port": {"name": "port", "vat": "BE0403019261"},
    "shed": {"name": "shed"},
}


def enrolled(name: str) -> Signed:
    """Enrol a party whose identity can be opened."""
    body = EnrolParty(
        encryption_key=digest("encryption", name),
        identity=commit_terms(CommittedKind.IDENTITY, TERMS[name], digest("seed", name)),
        key=public(key_of(name)),
        member="market",
        repair=None,
        roles=(PartyRole.BUYER, PartyRole.SELLER),
        valid_from=START,
        valid_until=START * 2,
    )
    return sign(body, MARKET, key_of(name), nonce=name)


def identity(name: str) -> IdentityPart:
    """Show who a party is."""
    return IdentityPart(party=created_id(enrolled(name).id), seed=digest("seed", name), terms=TERMS[name])


REQUEST = TagRequest(
    buyer=identity("port"),
    created=NOW,
    currency="EUR",
    issued="2027-01-15",
    ledger=ledger_id(GENESIS),
    minor_digits=2,
    number="QW-2027/1",
    payable_minor=515_000,
    seller=identity("kiln"),
)
TEXT = b"hanse.tag/1\nlei:529900T8BM49AURSDO55\nvat:BE0403019261\nQW20271\n2027-01-15\nEUR\n5150"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Run a node with a key of tags, in which parties are enrolled."""
    folder = tmp_path_factory.mktemp("tagging") / "node"
    with front(folder) as running:
        running.must_stand([enrolled(name) for name in TERMS])
        TagBook(folder).keep(KEY)
        yield running


def asked(request: TagRequest = REQUEST, who: SigningKey | None = None) -> bytes:
    """Sign a request; by the seller unless told otherwise."""
    key = who or key_of("kiln")
    return encode_json(
        SignedTagRequest(key=public(key), request=request, signature=key.sign(request.message()).signature)
    )


def answer(node: Front, data: bytes) -> tuple[int, str]:
    """Ask, and give the status and the problem's code."""
    said = node.post(data, MEDIA_TYPE, path="/v1/tags")
    return said.status_code, said.json().get("code", "")


def test_the_tag_is_that_of_the_page(node: Front) -> None:
    """It is made over the seven lines, with the key of the epoch; the seller and the member get the same."""
    said = node.post(asked(), MEDIA_TYPE, path="/v1/tags")
    (tag,) = read_tags(said.content).tags
    assert (tag.epoch, tag.value) == (1, tag_value(KEY.key, TEXT))
    assert said.headers["cache-control"] == "no-store"
    assert read_tags(node.post(asked(who=MARKET), MEDIA_TYPE, path="/v1/tags").content).tags == (tag,)


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "no request": (b"{}", 400, "malformed"),
    "of another ledger": (asked(replace(REQUEST, ledger=digest("x"))), 400, "malformed"),
    "made too long ago": (asked(replace(REQUEST, created=NOW - FRESH_MS - 1)), 400, "malformed"),
    "made too far ahead": (asked(replace(REQUEST, created=NOW + FRESH_MS + 1)), 400, "malformed"),
    "by the buyer": (asked(who=key_of("port")), 422, "not-tagged-here"),
    "by a stranger": (asked(who=key_of("nobody")), 422, "not-tagged-here"),
    "of a seller who is no party": (
        asked(replace(REQUEST, seller=replace(identity("kiln"), party=digest("none"))), MARKET),
        422,
        "identity-differs",
    ),
    "with another number than the buyer's": (
        asked(replace(REQUEST, buyer=replace(identity("port"), terms={"name": "port", "vat": "BE0000000097"}))),
        422,
        "identity-differs",
    ),
    "of a buyer without a number": (asked(replace(REQUEST, buyer=identity("shed"))), 422, "identity-differs"),
    "of an invoice whose number says nothing": (asked(replace(REQUEST, number="--")), 422, "identity-differs"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_who_may_not_is_told_why(node: Front, name: str) -> None:
    """Each refusal has its code; nothing of what was asked stands in it."""
    data, status, code = REFUSED[name]
    assert answer(node, data) == (status, code)


def test_a_false_signature_gets_nothing(node: Front) -> None:
    """Whoever has seen the seller's key cannot ask for the seller."""
    signed = msgspec.json.decode(asked(), type=SignedTagRequest)
    assert answer(node, encode_json(replace(signed, signature=bytes(64)))) == (422, "not-tagged-here")
    other = replace(REQUEST, payable_minor=1)
    assert answer(node, encode_json(replace(signed, request=other))) == (422, "not-tagged-here")


def test_a_seller_asks_once_a_second(tmp_path: Path) -> None:
    """Ten at once, one a second in the long run: what is guessed is guessed slowly."""
    with front(tmp_path / "node") as running:
        running.must_stand([enrolled(name) for name in TERMS])
        assert answer(running, asked()) == (409, "tag-key-missing")
        TagBook(tmp_path / "node").keep(KEY)
        answers = [answer(running, asked())[0] for _ in range(SELLER_BURST + 2)]
        assert answers[-1] == 429
        assert answers.count(200) >= SELLER_BURST - 1


def test_a_key_is_a_secret_of_the_folder(tmp_path: Path) -> None:
    """It is put there once, for its user alone; one that others could read makes no tags, nor starts a node."""
    with front(tmp_path / "node") as running:
        running.must_stand([enrolled(name) for name in TERMS])
        path = TagBook(tmp_path / "node").keep(KEY)
        assert path.stat().st_mode & 0o077 == 0
        with pytest.raises(FileExistsError):
            TagBook(tmp_path / "node").keep(replace(KEY, key=digest("another")))
        path.chmod(0o644)
        assert answer(running, asked()) == (409, "tag-key-missing")
        path.write_bytes(b"{}")
        path.chmod(0o600)
        assert answer(running, asked()) == (409, "tag-key-missing")
    assert "tags/*" in SECRETS
    with open_folder(tmp_path / "node", {}):
        pass


def parameters(*keys: TagKey, epochs: tuple[int, ...] = (1,)) -> Parameters:
    """What the members have voted for."""
    return Parameters(quorum=1, tag_epochs=epochs, tag_keys=keys)


def stated(key: EpochKey, *sealed: SealedTagKey) -> TagKey:
    """State a key."""
    return TagKey(commitment=key.commitment, epoch=key.epoch, sealed=sealed)


def test_a_sealed_key_is_kept_for_good(tmp_path: Path) -> None:
    """It is opened when it is looked for, or before; it stays when its epoch has passed, and is not opened again."""
    opened: list[int] = []

    def unseal(key: TagKey) -> EpochKey | None:
        opened.append(key.epoch)
        return replace(KEY, epoch=key.epoch) if key.sealed else None

    book = TagBook(tmp_path, unseal)
    box = SealedTagKey(box=bytes(SEALED_BYTES), member="market")
    first, second = (stated(replace(KEY, epoch=epoch), box) for epoch in (1, 2))
    assert book.keys(parameters(first)) == [KEY]
    book.take_up(parameters(first, second, epochs=(1, 2)))
    assert opened == [1, 2]
    assert book.path(2).stat().st_mode & 0o077 == 0
    assert [key.epoch for key in book.keys(parameters(first, second, epochs=(1, 2)))] == [1, 2]
    assert opened == [1, 2]
    with pytest.raises(KeyMissing, match="epoch 3"):
        book.keys(parameters(stated(replace(KEY, epoch=3)), epochs=(3,)))
    assert book.path(1).exists()


def test_a_key_that_is_not_the_members_makes_no_tags(tmp_path: Path) -> None:
    """Whether it lies there or is sealed there; the key of the other epoch is kept all the same."""
    other = EpochKey(epoch=1, key=digest("another"))
    book = TagBook(tmp_path)
    book.keep(other)
    with pytest.raises(KeyDiffers, match=r"1\.key: the key of epoch 1 is not the one for which the members have voted"):
        book.keys(parameters(stated(KEY)))

    def unseal(key: TagKey) -> EpochKey:
        if key.epoch == 2:
            raise ProofInvalid("no")
        return replace(KEY, epoch=key.epoch)

    book = TagBook(tmp_path, unseal)
    both = parameters(*(stated(replace(KEY, epoch=epoch)) for epoch in (2, 3)), epochs=(2, 3))
    with pytest.raises(KeyDiffers, match="sealed to this node"):
        book.take_up(both)
    assert (book.path(2).exists(), book.path(3).exists()) == (False, True)
