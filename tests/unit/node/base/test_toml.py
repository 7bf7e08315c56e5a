"""Text of others in settings: refused, or read back as exactly what it was, one line a value."""

import base64
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from hanse_ledger.values.errors import Malformed
from hanse_ledger.wire.membership import Member, MemberKey, MemberRole
from hanse_node.base.addresses import Address, HostPort
from hanse_node.base.config import Config, KnownEngine, parse_config, write_config
from hanse_node.base.errors import CannotStart
from hanse_node.base.tomlform import quote, write_toml
from hanse_node.comet.program.home import NEAR, LightClient, Settings, write_settings
from hanse_node.comet.program.sockets import EngineSockets
from hanse_node.operate.joinforms import MemberPart, NodePart, assemble, check_part, read_part, write_part
from tests.world.node_ledger import digest

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
INJECTION = '"\ntest_fuzz = true\n[instrumentation]\nprometheus = true\nprometheus_listen_addr = "0.0.0.0:23999"\n#'

any_text = st.text(max_size=40)
"""Every character of Unicode, controls and DEL among them; not halves of characters, which no UTF-8 holds."""

hostile = any_text | st.sampled_from(["127.0.0.1:1" + INJECTION, "a:1,b:2", 'x"', "x\\", "\x7f", "\u202e", "\r\n[a]"])


def part_with(**changed: str) -> bytes:
    """Write the part of a member whose node has other texts than it should."""
    public = (SigningKey(digest("member", place)).verify_key.encode() for place in (1, 2))
    keys = tuple(MemberKey(key=b"\1" + key, valid_from=0, valid_until=1) for key in public)
    member = Member(id=changed.get("id", "bank"), keys=keys, name=changed.get("name", "Bank"), roles=(MemberRole.BANK,))
    raw = digest("key")
    node = NodePart(
        authority=changed.get("authority", CERTIFICATE),
        cosigning_key=raw,
        id=member.id,
        log_key=raw,
        node_key=raw,
        p2p=changed.get("p2p", "127.0.0.1:26656"),
        url=changed.get("url", "https://127.0.0.1:8443"),
        validator_key=raw,
    )
    return write_part(member, node)


def settings(part: MemberPart, folder: str = "/srv/x") -> bytes:
    """Write the engine's settings of a node that calls another member's, as `node.toml` brings them to it."""
    assert part.node is not None
    config = Config(cosigner="chamber", engines={part.node.validator.node_id: part.node.engine()})
    read = parse_config(write_config(config), {})
    assert read == config
    called = tuple(f"{node}@{engine.address}" for node, engine in read.engines.items())
    sockets = EngineSockets(Path(folder))
    found = Settings(name="chamber", listen="0.0.0.0:1", sockets=sockets, peers=called, timing=NEAR, one_machine=False)
    return write_settings(found)


PLAIN = tomllib.loads(settings(read_part(part_with())).decode())


@given(st.dictionaries(st.sampled_from(["authority", "id", "name", "p2p", "url"]), hostile, min_size=1))
def test_no_text_of_a_part_reaches_another_setting(changed: dict[str, str]) -> None:
    """Any text in any field of member.json: the part is refused, or the engine's settings differ in one address."""
    try:
        part = read_part(part_with(**changed))
    except Malformed:
        return
    found = tomllib.loads(settings(part).decode())
    called = found["p2p"].pop("persistent_peers")
    plain = {**PLAIN, "p2p": {**PLAIN["p2p"]}}
    plain["p2p"].pop("persistent_peers")
    assert found == plain
    assert part.node is not None
    assert called == f"{part.node.validator.node_id}@{part.node.p2p}"
    assert "," not in called
    assert "\n" not in part.member.name


@pytest.mark.parametrize(
    "p2p", ["127.0.0.1:1" + INJECTION, "a:1,b@c:2", "host", "host:", ":1", "a b:1", "a:0", "a:65536"]
)
def test_an_address_is_nothing_else(p2p: str) -> None:
    """The attack of a part that writes settings into everybody's engine, and others of its kind."""
    with pytest.raises(Malformed):
        read_part(part_with(p2p=p2p))
    with pytest.raises(Malformed):
        check_part(read_part(part_with()).member, "https://x:1", p2p)


@pytest.mark.parametrize(
    "name", ["Bank\nfingerprint  0000", "Bank\u202e", "Bank  fingerprint", " Bank", "\u3164", "a\u2028b", "\x1b[2J"]
)
def test_a_name_is_one_line(name: str) -> None:
    """A member's name can draw no second line beside a fingerprint, turn no text around, and hide nothing."""
    with pytest.raises(Malformed):
        read_part(part_with(name=name))


@pytest.mark.parametrize(
    "name", ["Bank of the Delta", "杭州跨境电商综合试验区", "Банк", "Zürich & Söhne (Ltd.)", "بنك"]
)
def test_names_of_all_scripts_stand(name: str) -> None:
    """What people call their organisations."""
    assert read_part(part_with(name=name)).member.name == name


@given(st.dictionaries(any_text, any_text | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.lists(any_text)))
def test_what_is_written_is_read(values: dict[str, str]) -> None:
    """Every text, in names as in values, in tables and lists: exactly what it was, and no line more than there are."""
    written = write_toml({**{f"t{name}": value for name, value in values.items()}, "inner": {"a": values, "b": {}}})
    found = tomllib.loads(written.decode())
    assert found == {**{f"t{name}": value for name, value in values.items()}, "inner": {"a": values, "b": {}}}
    assert written.decode().isprintable() or "\n" in written.decode()
    assert not set(written) & ({*range(32), 127} - {10})


@given(any_text)
def test_a_text_is_one_line(text: str) -> None:
    """Quoted, it holds no character that does something instead of being seen."""
    assert quote(text).replace(" ", "").isprintable()


def test_half_a_character_is_refused() -> None:
    """A lone surrogate can stand in no file."""
    with pytest.raises(ValueError, match="half of a character"):
        write_toml({"a": "\ud800"})


@given(any_text, any_text)
def test_settings_of_a_node_are_read_as_they_were(database: str, tokens: str) -> None:
    """Whatever a path or an address is: written into node.toml and read again it is the same, or it is refused."""
    config = Config(cosigner="bank", database=database, token_file=tokens)
    try:
        assert parse_config(write_config(config), {}) == config
    except CannotStart:
        assert not database or not tokens


def test_a_folder_of_any_name_is_a_value() -> None:
    """Paths of this machine are quoted too; what a light client is told are closed forms."""
    found = tomllib.loads(settings(read_part(part_with()), '/srv/a"b\n[x]\x7f').decode())
    assert found["rpc"]["laddr"] == 'unix:///srv/a"b\n[x]\x7f/rpc.sock'
    assert found["filter_peers"] is True
    sockets = EngineSockets(Path("/srv/x"))
    own = Settings(name="a", listen="a:1", sockets=sockets, peers=(), timing=NEAR, one_machine=True)
    light = LightClient(servers=(sockets.witness(0), sockets.witness(1)), height=7, block_hash="AB" * 32)
    sync = tomllib.loads(write_settings(own, light).decode())["statesync"]
    assert sync["rpc_servers"] == "unix:///srv/x/w0.sock,unix:///srv/x/w1.sock"
    assert (sync["trust_height"], sync["trust_hash"]) == (7, "AB" * 32)


@given(st.from_type(str))
def test_addresses_hold_no_mark_of_another_grammar(text: str) -> None:
    """Neither kind of address can hold a quote, a comma, a space or a line end."""
    for kind in (HostPort, Address):
        try:
            msgspec.convert(text, kind)
        except msgspec.ValidationError:
            continue
        assert not set(text) & set("\"'`, \n\r\t\\#<>&;$")


def test_engines_of_others_are_closed_too() -> None:
    """What an operator's own hand, or a backup, puts into [engines] is judged as a part is."""
    good = KnownEngine(address="a:1", member="bank", validator_key="ab" * 32)
    for name, engine in (
        ("ab" * 20, msgspec.structs.replace(good, address="a:1,b:2")),
        ("ab" * 20, msgspec.structs.replace(good, validator_key="xy" * 32)),
        ("AB" * 20, good),
        ("ab" * 21, good),
    ):
        with pytest.raises(CannotStart, match="A setting is wrong"):
            parse_config(write_config(Config(cosigner="bank", engines={name: engine})), {})


def test_two_nodes_have_two_keys() -> None:
    """A part with another member's node key would make one engine pass for two."""
    other = msgspec.json.decode(part_with(id="chamber", name="Chamber"))
    for place, held in enumerate(other["member"]["keys"]):
        member = SigningKey(digest("chamber", place)).verify_key.encode()
        held["key"] = base64.b64encode(b"\1" + member).decode()
    for field in ("cosigning_key", "log_key", "validator_key"):
        other["node"][field] = base64.b64encode(digest(field)).decode()
    first = msgspec.json.decode(part_with())
    first["node"]["cosigning_key"] = base64.b64encode(digest("first")).decode()
    parts = [msgspec.json.encode(each) for each in (first, other)]
    with pytest.raises(Malformed, match="two nodes have the same node key"):
        assemble(parts, "Two", 1, wide=False)
    other["node"]["node_key"] = base64.b64encode(digest("another")).decode()
    assert assemble([parts[0], msgspec.json.encode(other)], "Two", 1, wide=False)
