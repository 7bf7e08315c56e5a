"""The codec against itself and against a second one: one form a value, one value a form, and no crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Envelope, open_envelope, seal
from hanse_ledger.records.record import Record, decode_record, encode_record, record_id
from hanse_ledger.values.errors import Malformed
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis, decode_genesis
from tests.property.wire import bundles, records, values
from tests.tables.reference import NotCanonical, pack, plain, unpack_strict
from tests.world.corridor import story
from tests.world.corridor_genesis import GENESIS

STORY = story()
ENTRIES = STORY.entries
DATA = [encode_record(signed.record) for signed in STORY.signed.values()]
CHANGES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4)


@given(records)
def test_record_comes_back(record: Record) -> None:
    """Any record that its types allow is written and read again, equal."""
    assert decode_record(encode_record(record)) == record


@given(bundles)
def test_bundle_comes_back(record: Record) -> None:
    """A bundle too: each of its steps is of a kind that may be one, with what its body names."""
    assert decode_record(encode_record(record)) == record


@given(records)
def test_both_codecs_write_the_same_bytes(record: Record) -> None:
    """A record in plain maps, written by the reference codec with sorted keys, is byte for byte ours."""
    data = encode_record(record)
    assert pack(plain(record)) == data
    assert unpack_strict(data) == plain(record)


@given(st.sampled_from(DATA) | records.map(encode_record), CHANGES)
def test_changed_bytes_are_refused_or_another_record(data: bytes, changes: list[tuple[int, int]]) -> None:
    """Whatever bytes are changed, what still decodes is another record: no two forms share an id."""
    changed = bytearray(data)
    for at, value in changes:
        changed[at % len(changed)] = value
    try:
        record = decode_record(bytes(changed))
    except Malformed:
        return
    assert encode_record(record) == bytes(changed)
    if bytes(changed) != data:
        assert record != decode_record(data)
        assert record_id(bytes(changed)) != record_id(data)


@pytest.mark.parametrize("data", DATA, ids=list(STORY.signed))
def test_every_single_changed_byte_is_refused_or_another_record(data: bytes) -> None:
    """The same for each byte of the story's records in turn, with three changes each."""
    record = decode_record(data)
    for at in range(len(data)):
        for bit in (0x01, 0x20, 0x80):
            changed = bytes([*data[:at], data[at] ^ bit, *data[at + 1 :]])
            try:
                assert decode_record(changed) != record
            except Malformed:
                continue


def mutate(data: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    """Replace stretches of some bytes."""
    for start, length, new in cuts:
        at = start % (len(data) + 1)
        data = data[:at] + new + data[at + length :]
    return data


FUZZ = st.one_of(
    st.binary(max_size=200),
    st.builds(
        mutate,
        st.sampled_from([*DATA, *ENTRIES]),
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 8), st.binary(max_size=8)), max_size=4),
    ),
)


@given(FUZZ)
def test_both_codecs_agree_on_any_bytes(data: bytes) -> None:
    """What we accept the reference accepts, with the same values; what it accepts we refuse for its type alone."""
    try:
        expected = unpack_strict(data)
    except NotCanonical:
        for decode in (decode_record, decode_entry, open_envelope, decode_genesis):
            with pytest.raises(Malformed):
                decode(data)
        return
    detail = ""
    try:
        assert plain(decode_record(data)) == expected
    except Malformed as error:
        detail = error.detail
    assert "not MessagePack" not in detail
    assert "not canonical" not in detail


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=40) | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=20), inner, max_size=20),
    max_leaves=40,
)


@given(plain_values)
def test_both_codecs_choose_the_same_forms(value: object) -> None:
    """Every integer, length and text has one shortest form, and both codecs know it."""
    assert encode(unpack_strict(pack(value))) == pack(value)


@given(st.binary(max_size=64) | st.binary(max_size=8).map(lambda tail: DATA[0][:40] + tail))
def test_no_bytes_crash_a_decoder(data: bytes) -> None:
    """Every decoder answers any bytes with a value or with Malformed."""
    for decode in (decode_record, decode_entry, open_envelope, decode_genesis, read_trust):
        try:
            decode(data)
        except Malformed:
            continue


@given(values(Envelope))
def test_envelope_is_written_as_the_reference_writes_it(envelope: Envelope) -> None:
    """An envelope of any signatures is the same map in both codecs."""
    assert unpack_strict(encode(envelope)) == plain(envelope)
    assert pack(plain(envelope)) == encode(envelope)


@given(records, st.binary(min_size=1, max_size=80))
def test_sealed_record_opens(record: Record, signature: bytes) -> None:
    """Any record under as many signatures as it has signers comes back from its envelope."""
    opened = open_envelope(seal(encode_record(record), (signature,) * len(record.signers)))
    assert opened.record == record
    assert opened.id == record_id(encode_record(record))
    assert {one.sig for one in opened.envelope.signatures} == {signature}


@given(values(RecordEntry) | values(StateEntry))
def test_entry_comes_back(entry: RecordEntry | StateEntry) -> None:
    """Any entry that its types allow is written and read again, equal, and the reference writes the same."""
    data = encode(entry)
    assert decode_entry(data) == entry
    assert pack(plain(entry)) == data


@given(values(Genesis))
def test_genesis_is_written_as_the_reference_writes_it(genesis: Genesis) -> None:
    """Any genesis is the same map in both codecs, whether its membership is consistent or not."""
    assert pack(plain(genesis)) == encode(genesis)


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_no_byte_of_a_trust_file_can_change(at: int, value: int) -> None:
    """Any changed byte of a trust file makes it another ledger's, or none."""
    data = bytearray(write_trust(GENESIS))
    before = data[at % len(data)]
    data[at % len(data)] = value
    if value != before:
        with pytest.raises(Malformed):
            read_trust(bytes(data))
