"""A settings file that somebody has edited: what a command changes is changed, and all else stays as it was."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_node.base.config import CONFIG_BYTES, Config, KnownEngine, Listen, change_config, parse_config, write_config
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import CONFIG, open_folder
from hanse_node.lifecycle.adoption import Own, adopt
from hanse_node.lifecycle.backup import make_backup
from hanse_node.lifecycle.recovery import start_ledger
from hanse_node.lifecycle.restore import settings_of
from hanse_node.operate.joinforms import read_part
from hanse_node.operate.network import add_peer, forget_peer
from hanse_node.signing.tls import FOLDER as TLS
from hanse_node.signing.tls import PEERS
from tests.unit.node.base.test_toml import part_with
from tests.world.node_ledger import START, fixed_clock, make_folder

EDITED = """\
# The market's node. Whoever changes this tells operations@example.org first.
cosigner = 'market'   # that is us
database = "sqlite:///ledger.db"

# Raised after the autumn fair.
[limits]
queue_records = 20_000 # was 10000

# Whose engines connect.
[engines.aa00000000000000000000000000000000000000]
address = "10.0.0.1:26656" # by the tunnel
member = "port"
validator_key = "abababababababababababababababababababababababababababababababab"

# Behind the proxy of the data centre.
[listen]
port = 0x1F90
host = "127.0.0.1"

[peers]
# Their duty officer: +49 30 0000
port = "https://10.0.0.1:8443"

# How much one sender may send.
[quotas]
key_records_per_second = 100
"""

part = read_part(part_with())
assert part.node is not None
NODE = part.node
NAME = NODE.validator.node_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a node's folder with settings that were edited by hand."""
    (tmp_path / TLS / PEERS).mkdir(parents=True)
    (tmp_path / CONFIG).write_bytes(EDITED.encode())
    return tmp_path


def kept(before: str, after: str) -> list[str]:
    """List the lines of a file that another one has not, or not in this order."""
    later = iter(after.splitlines())
    return [line for line in before.splitlines() if line not in later]


def test_a_peer_is_added_and_comments_stay(folder: Path) -> None:
    """Every line that was there is there, in its order; what is new stands above the next section's words."""
    add_peer(folder, part)
    found = (folder / CONFIG).read_text()
    assert kept(EDITED, found) == []
    config = parse_config(found.encode(), {})
    assert config.engines[NAME] == NODE.engine()
    assert config.peers == {"port": "https://10.0.0.1:8443", "bank": NODE.url}
    assert "\n\n# Behind the proxy of the data centre.\n[listen]\n" in found
    assert "\n\n# How much one sender may send.\n[quotas]\n" in found
    assert found.index(f"[engines.{NAME}]") < found.index("# Behind the proxy")
    assert (folder / CONFIG).stat().st_mode & 0o777 == 0o600
    add_peer(folder, part)
    assert (folder / CONFIG).read_text() == found


def test_added_and_forgotten_is_as_before(folder: Path) -> None:
    """Nothing is left of a peer that is forgotten, and nothing else is gone."""
    add_peer(folder, part)
    forget_peer(folder, "bank")
    assert (folder / CONFIG).read_text() == EDITED


def test_a_forgotten_peer_takes_no_other_words_with_it(folder: Path) -> None:
    """The words above the next section are its own."""
    forget_peer(folder, "port")
    found = (folder / CONFIG).read_text()
    assert "# Behind the proxy of the data centre.\n[listen]\n" in found
    assert "10.0.0.1" not in found
    gone = [line for line in EDITED.splitlines() if line not in found.splitlines()]
    assert len(gone) == 5
    assert parse_config(found.encode(), {}) == replace(parse_config(EDITED.encode(), {}), engines={}, peers={})


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_mark_stay(folder: Path, mark: bytes) -> None:
    """An editor's byte order mark stays, and lines that are added end as the others do."""
    text = mark + EDITED.replace("\n", "\r\n").encode()
    (folder / CONFIG).write_bytes(text)
    add_peer(folder, part)
    found = (folder / CONFIG).read_bytes()
    assert found.startswith(mark + b"# The market")
    assert found.count(b"\r\n") == found.count(b"\n")
    assert kept(EDITED, found.removeprefix(mark).decode()) == []
    forget_peer(folder, "bank")
    assert (folder / CONFIG).read_bytes() == text


SCATTERED = (
    EDITED + "\n[engines.bb00000000000000000000000000000000000000]\n"
    'address = "a:1"\nmember = "port"\nvalidator_key = "' + "cd" * 32 + '"\n'
)
FORMS = {
    "one value a line": 'cosigner = "market"\n',
    "no last line end": 'cosigner = "market"',
    "empty sections": 'cosigner = "market"\n[engines]\n[peers]\n',
    "inline": 'cosigner = "market"\npeers = { port = "https://a:1" } # all\nengines = {}\nlisten = {port = 1}\n',
    "dotted": 'cosigner = "market"\npeers.port = "https://a:1"\nlisten.port = 1 # one\n',
    "quoted": '"cosigner" = """market"""\n["peers"]\n\'port\' = "https://a:1"\n',
    "comment last": 'cosigner = "market"\n[peers]\nport = "https://a:1"\n# the end',
    "comment only between": 'cosigner = "market"\n[peers]\nport = "https://a:1"\n# next\n[listen]\nport = 1\n',
    "indented": '  cosigner = "market"\n  [listen]\n    port = 1\n  # ours\n  [limits]\n    queue_records = 5\n',
    "everything": EDITED,
    "scattered": SCATTERED,
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_of_a_file_is_kept(folder: Path, text: str) -> None:
    """However somebody writes it: comments stay, and the file says what it shall."""
    (folder / CONFIG).write_bytes(text.encode())
    before = parse_config(text.encode(), {})
    add_peer(folder, part)
    found = (folder / CONFIG).read_text()
    engines, peers = {**before.engines, NAME: NODE.engine()}, {**before.peers, "bank": NODE.url}
    assert parse_config(found.encode(), {}) == replace(before, engines=engines, peers=peers)
    for line in text.splitlines():
        assert line.partition("#")[2] in found
    forget_peer(folder, "bank")
    again = (folder / CONFIG).read_text()
    assert parse_config(again.encode(), {}) == before
    for line in text.splitlines():
        assert line.partition("#")[2] in again


@pytest.mark.parametrize(
    "data",
    [
        b'cosigner = "market"\nthis is no TOML\n',
        b'cosigner = "market"\n# \xff\n',
        b'cosigner = "market"\r# half a line end\n',
        b'cosigner = "market"\n# \x7f\n',
        b'cosigner = "market"\n[engines]\n[engines]\n',
        ('cosigner = "market"\n#' + "x" * (CONFIG_BYTES - 30) + "\n").encode(),
    ],
    ids=["no TOML", "no UTF-8", "lone CR", "DEL", "twice", "full"],
)
def test_what_cannot_be_kept_is_refused_and_stays(folder: Path, data: bytes) -> None:
    """In words, with what to do; nothing is written, the peer's certificate neither."""
    (folder / CONFIG).write_bytes(data)
    with pytest.raises(CannotStart, match=r"node\.toml") as seen:
        add_peer(folder, part)
    assert seen.value.next_step
    assert (folder / CONFIG).read_bytes() == data
    assert not list((folder / TLS / PEERS).iterdir())


any_text = st.text(min_size=1, max_size=30)
addresses = st.from_regex(r"[a-z]{1,8}:[1-9][0-9]{0,3}", fullmatch=True)
names = st.text("0123456789abcdef", min_size=40, max_size=40)
known = st.builds(
    KnownEngine,
    address=addresses,
    member=st.sampled_from(["bank", "port"]),
    observer=st.booleans(),
    validator_key=st.text("0123456789abcdef", min_size=64, max_size=64),
)
configs = st.builds(
    Config,
    cosigner=st.sampled_from(["market", "bank"]),
    database=any_text,
    token_file=any_text,
    follow=st.booleans(),
    engines=st.dictionaries(names, known, max_size=3),
    listen=st.builds(Listen, host=any_text, port=st.integers(0, 65_535), tls_key=any_text),
    peers=st.dictionaries(st.sampled_from(["bank", "port", "a-b"]), st.just("https://a:1"), max_size=3),
)


@given(configs, st.sampled_from(sorted(FORMS.values())))
def test_any_settings_come_into_any_form(config: Config, text: str) -> None:
    """Any text that a setting may hold is read back as what it was, in every form of a file; comments stay."""
    found = change_config(text.encode(), config)
    assert parse_config(found, {}) == config
    assert tomllib.loads(found.decode())
    assert kept("\n".join(line for line in text.splitlines() if line.lstrip().startswith("#")), found.decode()) == []
    hidden = {*range(32), 127} - {10}
    assert not set(found) & hidden


def restored(text: bytes) -> bytes:
    """Write the settings of a node that is restored from a backup with others."""
    return settings_of(text, adopt(parse_config(text, {}), Own(listen=Listen(port=9))))


def test_a_restored_node_keeps_what_is_said_of_its_settings() -> None:
    """The closed list decides what is set, as ever; words that are seen as they are stay."""
    found = restored(EDITED.encode())
    assert parse_config(found, {}) == adopt(parse_config(EDITED.encode(), {}), Own(listen=Listen(port=9)))
    assert kept("\n".join(line for line in EDITED.splitlines() if line.startswith("#")), found.decode()) == []
    assert b"10.0.0.1" not in found


@pytest.mark.parametrize("mark", ["\u202e", "\u200b", "\u2028", "\x85"])
def test_a_backup_s_words_that_are_not_what_they_show_are_left_out(mark: str) -> None:
    """A comment could turn the lines around it: whoever reads the file would see other settings than the node."""
    text = f"# words {mark}\n{EDITED}".encode()
    assert restored(text) == write_config(adopt(parse_config(text, {}), Own(listen=Listen(port=9))))


def test_a_backup_that_cannot_be_changed_is_restored_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    """Its settings are written anew, and that its comments are gone is said."""
    text = b'cosigner = "market"\n[[x]]\n'
    config = Config(cosigner="market")
    assert settings_of(text, config) == write_config(config)
    assert "comments" in caplog.text


def test_a_backup_keeps_the_comments(tmp_path: Path) -> None:
    """Its copy of the settings names its own database, and is else what the operator wrote."""
    folder = make_folder(tmp_path / "node")
    with open_folder(folder, {}) as opened:
        store, _ = start_ledger(opened, fixed_clock())
        store.close()
    text = "# Ours.\n" + (folder / CONFIG).read_text().replace("[listen]", "# As agreed.\n[listen]")
    (folder / CONFIG).write_text(text)
    make_backup(folder, tmp_path / "one", START, lambda *_: None, None)
    assert (tmp_path / "one" / CONFIG).read_text() == text
    (folder / "ledger.db").rename(folder / "other.db")
    other = text.replace("ledger.db", "other.db")
    (folder / CONFIG).write_text(other)
    make_backup(folder, tmp_path / "two", START, lambda *_: None, None)
    assert (tmp_path / "two" / CONFIG).read_text() == text
