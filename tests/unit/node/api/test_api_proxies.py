"""Behind a proxy the address of the sender counts, and nobody can claim another one."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_node.access.proxies import MOST_PROXIES, read_proxies, sender_of
from hanse_node.api.access import Access
from hanse_node.base.config import Quotas
from hanse_node.base.errors import CannotStart
from tests.world.front import BATCH, front

PROXY, SENDER, OTHER = "127.0.0.1", "203.0.113.7", "198.51.100.9"
TRUSTED = read_proxies("127.0.0.1, ::1, 10.0.0.0/8")


@pytest.mark.parametrize(
    ("address", "forwarded", "sender"),
    [
        (PROXY, [], PROXY),
        (PROXY, [SENDER], SENDER),
        (PROXY, [f"{OTHER}, {SENDER}"], SENDER),  # the sender wrote the first itself
        (PROXY, [OTHER, SENDER], SENDER),  # two headers are one list
        (PROXY, [f"{SENDER}, 10.1.2.3"], SENDER),  # two trusted proxies
        (PROXY, ["10.1.2.3"], "10.1.2.3"),
        (PROXY, ["10.1.2.3, 10.1.2.4"], "10.1.2.3"),
        ("::ffff:127.0.0.1", [SENDER], SENDER),
        ("::1", ["2001:db8::5"], "2001:db8::5"),
        (PROXY, ["::ffff:203.0.113.7"], SENDER),
        (SENDER, [OTHER], SENDER),  # who is no proxy says nothing about anybody
        (SENDER, [PROXY], SENDER),
        (PROXY, ["unknown"], PROXY),
        (PROXY, [f"{OTHER}, unknown"], PROXY),
        (PROXY, ["203.0.113.7:4711"], PROXY),
        (PROXY, [""], PROXY),
        ("", [SENDER], ""),
    ],
)
def test_the_nearest_trusted_word_counts(address: str, forwarded: list[str], sender: str) -> None:
    """From the right, as far as who says it is trusted."""
    assert sender_of(address, forwarded, TRUSTED) == sender


@given(st.lists(st.text(max_size=40), max_size=5))
def test_what_the_sender_writes_changes_nothing(invented: list[str]) -> None:
    """Whatever stands to the left of what the proxy has appended."""
    assert sender_of(PROXY, [*invented, SENDER], TRUSTED) == SENDER


@given(st.text(max_size=200))
def test_without_trusted_proxies_the_header_is_nothing(invented: str) -> None:
    """By default nobody is believed."""
    assert sender_of(PROXY, [invented], ()) == PROXY


@pytest.mark.parametrize(
    "text", ["localhost", "10.0.0.1/8", "10.0.0.0/33", ", ".join(["10.0.0.1"] * (MOST_PROXIES + 1))]
)
def test_a_wrong_setting_is_refused(text: str) -> None:
    """A name, a network with bits of a host, too many of them."""
    with pytest.raises(CannotStart, match="trusted_proxies"):
        read_proxies(text)


@pytest.mark.parametrize(("trusted", "status"), [("127.0.0.0/8", 200), ("", 429)])
def test_quotas_count_the_sender(tmp_path: Path, trusted: str, status: int) -> None:
    """Garbage through a trusted proxy uses up the quota of whoever sent it; through any other the proxy's own."""
    quotas = Quotas(address_burst_faults=1_000, address_faults_per_second=1)
    access = Access(proxies=read_proxies(trusted))
    with front(tmp_path / "node", quotas=quotas, access=access) as node:
        garbage = msgspec.msgpack.encode([b"garbage"] * 1_000)
        seen = [node.post(garbage, BATCH, headers={"x-forwarded-for": SENDER}).status_code for _ in range(4)]
        assert (seen[0], seen[-1]) == (200, 429)
        assert node.post(garbage, BATCH, headers={"x-forwarded-for": OTHER}).status_code == status
