"""A node's settings: what is parsed, what is overridden, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_node.base.config import Config, Limits, Listen, parse_config, write_config
from hanse_node.base.errors import CannotStart

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
counts = st.integers(1, 1_000_000)
configs = st.builds(
    Config,
    cosigner=st.from_regex(r"^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\Z"),
    database=texts,
    token_file=texts,
    listen=st.builds(Listen, host=texts, port=st.integers(0, 65_535)),
    limits=st.builds(
        Limits,
        group_records=counts,
        queue_records=counts,
        resign_seconds=st.integers(1, 86_400),
        verify_threads=st.integers(1, 64),
    ),
)


@given(configs)
def test_what_is_written_is_read_again(config: Config) -> None:
    """Settings come back from node.toml as they were."""
    assert parse_config(write_config(config), {}) == config


def test_what_is_left_out_has_its_default() -> None:
    """The cosigner's name alone makes a node's settings."""
    config = parse_config(b'cosigner = "market"', {})
    assert config == Config(cosigner="market")
    assert (config.listen.host, config.database) == ("127.0.0.1", "sqlite:///ledger.db")


def test_the_environment_overrides_the_file() -> None:
    """HANSE_NODE_ and a setting's name, with its section, replace what the file says; numbers are read from text."""
    environment = {
        "HANSE_NODE_DATABASE": "sqlite:///other.db",
        "HANSE_NODE_LISTEN_PORT": "9000",
        "HANSE_NODE_LIMITS_QUEUE_RECORDS": "50",
        "HANSE_NODE_PORT": "tcp://10.0.0.1:80",  # what a container platform sets for a service of this name
    }
    config = parse_config(b'cosigner = "market"\n[listen]\nhost = "::1"\nport = 1', environment)
    assert config.database == "sqlite:///other.db"
    assert config.listen == Listen(host="::1", port=9000)
    assert config.limits == Limits(queue_records=50)


@pytest.mark.parametrize(
    ("text", "environment", "named"),
    [
        (b"cosigner = ", {}, "not TOML"),
        (b"\xff", {}, "no text in UTF-8"),
        (b"", {}, "cosigner"),
        (b'cosigner = "market"\nport = 1', {}, "port"),
        (b'cosigner = "market"\n[listen]\nprot = 1', {}, "prot"),
        (b'cosigner = "market"\nlisten = 1', {}, "listen"),
        (b'cosigner = "Market!"', {}, "cosigner"),
        (b'cosigner = "market"\n[listen]\nport = 65536', {}, "listen.port"),
        (b'cosigner = "market"', {"HANSE_NODE_LISTEN_PORT": "many"}, "listen.port"),
        (b'cosigner = "market"', {"HANSE_NODE_LIMITS_QEUE_RECORDS": "5"}, "qeue_records"),
    ],
)
def test_a_wrong_setting_is_named(text: bytes, environment: dict[str, str], named: str) -> None:
    """What cannot be a setting stops the start, and the reason says which one."""
    with pytest.raises(CannotStart) as caught:
        parse_config(text, environment)
    assert named in caught.value.reason
    assert caught.value.next_step
