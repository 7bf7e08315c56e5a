"""Quotas: what one key or one address sends too much is refused whole, and is nobody else's loss."""

from pathlib import Path

import pytest

from hanse_ledger.kinds.invoice.refusals import TAG_TAKEN
from hanse_ledger.kinds.refusals import SIGNATURE_INVALID, SIGNER_UNKNOWN
from hanse_ledger.records.envelope import Envelope, Signature, Signed, open_envelope
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.reasons import Reason
from hanse_ledger.wire.codec import encode
from hanse_node.access.quotas import BUCKETS, Buckets, QuotaKeeper
from hanse_node.base.config import Quotas
from hanse_node.base.errors import QuotaExceeded
from hanse_node.base.receipts import Outcome, Receipt
from tests.world.front import front
from tests.world.node_ledger import DEFAULTS, PARTIES, START, invoice

QUOTAS = Quotas(
    address_burst_faults=1_000, address_faults_per_second=10, key_burst_records=1_000, key_records_per_second=100
)
HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


def refused(signed: Signed, reason: Reason) -> Receipt:
    """Answer a record with a refusal."""
    return Receipt(
        record=signed.id, outcome=Outcome.REFUSED, position=None, height=1, time=START, refusal=Rejected(reason)
    )


def forged(signed: Signed) -> Signed:
    """Write a record that its signer has not signed."""
    envelope = signed.envelope
    return open_envelope(
        encode(
            Envelope(
                payload=envelope.payload,
                payload_type=envelope.payload_type,
                signatures=tuple(Signature(bytes(64)) for _ in envelope.signatures),
            )
        )
    )


def test_a_bucket_refills_at_its_rate_up_to_its_burst() -> None:
    """What is taken comes back with time, and never more than the burst."""
    clock = Clock()
    buckets = Buckets(10, 100, clock)
    buckets.take("a", 100)
    assert buckets.level("a") == 0
    assert buckets.seconds_until("a", 25) == 3
    clock.seconds = 4
    assert buckets.level("a") == 40
    clock.seconds = 1_000
    assert buckets.level("a") == buckets.level("unknown") == 100


def test_only_so_many_buckets_are_kept() -> None:
    """Those that have been quiet longest are forgotten."""
    buckets = Buckets(1, 1_000, Clock())
    for number in range(BUCKETS + 10):
        buckets.take(number, 1)
    assert buckets.level(9) == 1_000
    assert buckets.level(10) == 999
    assert len(buckets._levels) == BUCKETS


def test_a_key_that_signs_too_much_waits_and_others_do_not() -> None:
    """The batch that exceeds the burst is refused whole, with the seconds after which it may come again."""
    clock = Clock()
    keeper = QuotaKeeper(QUOTAS, clock)
    keeper.reserve([invoice(number) for number in range(950)], HERE)
    with pytest.raises(QuotaExceeded, match="the key") as caught:
        keeper.reserve([invoice(number) for number in range(100)], THERE)
    assert caught.value.retry_after == 1
    keeper.reserve([invoice(1, "buyer", "seller")], HERE)
    keeper.reserve([invoice(number) for number in range(50)], HERE)
    clock.seconds = 1
    keeper.reserve([invoice(number) for number in range(100)], HERE)


def test_forged_records_use_up_the_forgers_quota_alone() -> None:
    """Records that a key has not signed are given back to it, and the address from which they came has to wait."""
    clock = Clock()
    keeper, batch = QuotaKeeper(QUOTAS, clock), [invoice(number) for number in range(501)]
    for reason in (SIGNATURE_INVALID, SIGNER_UNKNOWN):
        held = keeper.reserve(batch, HERE)
        keeper.settle(held, batch, [refused(each, reason) for each in batch])
    with pytest.raises(QuotaExceeded, match=HERE):
        keeper.reserve([invoice(1, "buyer", "seller")], HERE)
    keeper.reserve(batch, THERE)
    clock.seconds = 1
    keeper.reserve([invoice(1, "buyer", "seller")], HERE)


def test_what_the_rules_refuse_counts_against_its_signer() -> None:
    """A refusal for any other reason is the signer's own doing."""
    keeper, batch = QuotaKeeper(QUOTAS, Clock()), [invoice(number) for number in range(1_000)]
    held = keeper.reserve(batch, HERE)
    keeper.settle(held, batch, [refused(each, TAG_TAKEN) for each in batch])
    with pytest.raises(QuotaExceeded, match="the key"):
        keeper.reserve(batch[:1], THERE)


def test_what_was_never_decided_is_given_back() -> None:
    """A node that could not take a batch does not charge for it."""
    keeper, batch = QuotaKeeper(QUOTAS, Clock()), [invoice(number) for number in range(1_000)]
    for _ in range(5):
        keeper.settle(keeper.reserve(batch, HERE), batch, None)
    keeper.reserve(batch, HERE)


def test_a_record_counts_against_all_who_sign_it() -> None:
    """Whoever cosigns floods too."""
    keeper = QuotaKeeper(QUOTAS, Clock())
    keeper.reserve([PARTIES[0]] * 1_000, HERE)
    # The second enrolment has another key of its own, and the same member's.
    with pytest.raises(QuotaExceeded):
        keeper.reserve([PARTIES[1]], HERE)


def test_a_flood_over_http_is_answered_with_429(tmp_path: Path) -> None:
    """The answer says after how many seconds the same may be sent again; nothing of the batch was taken."""
    with front(tmp_path / "node", limits=DEFAULTS, quotas=QUOTAS) as node:
        node.must_stand(PARTIES)
        node.must_stand([invoice(number) for number in range(1_000)])
        size = node.store.head.size
        answer = node.batch(*[invoice(number) for number in range(2_000, 2_900)])
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 9
        problem = answer.json()
        assert problem["code"] == "quota-exceeded"
        assert problem["suggested_action"]
        assert node.store.head.size == size
        node.must_stand([invoice(1, "buyer", "seller")])


def test_garbage_over_http_is_stopped_too(tmp_path: Path) -> None:
    """An address that sends garbage and forgeries is refused after a while; each before that has its own answer."""
    with front(tmp_path / "node", limits=DEFAULTS, quotas=QUOTAS) as node:
        node.must_stand(PARTIES)
        assert {each["outcome"] for each in node.results(*[b"garbage"] * 900)} == {"malformed"}
        assert {each["outcome"] for each in node.results(*(forged(invoice(n)) for n in range(900)))} == {"refused"}
        assert node.batch(invoice(1)).status_code == 429
