"""What the engine says is kept, bounded, and repeated as far as it matters."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from hanse_node.comet.program import enginelog
from hanse_node.comet.program.enginelog import EngineLog
from hanse_node.comet.program.explaining import EXPLANATIONS, explain


def follow(log: EngineLog, pieces: Sequence[bytes], limit: int = enginelog.LINE_BYTES) -> None:
    """Have a log follow some words to their end."""

    async def run() -> None:
        reader = asyncio.StreamReader(limit=limit)
        for piece in pieces:
            reader.feed_data(piece)
        reader.feed_eof()
        await log.follow(reader)

    asyncio.run(run())


def test_every_word_is_kept(tmp_path: Path) -> None:
    """Lines, long ones and the last one without an end: all stand in the file, and each is told."""
    heard: list[bytes] = []
    log = EngineLog(tmp_path / "cometbft.log", heard.append)
    said = b'{"level":"info","_msg":"one"}\n' + b"x" * 300 + b"\n" + b"panic: no end"
    follow(log, [said], limit=64)
    assert (tmp_path / "cometbft.log").read_bytes() == said
    assert b"".join(heard) == said
    assert log.last_words.endswith("panic: no end")
    follow(log, [b"next\n"])
    assert log.last_words == "next\n"
    assert (tmp_path / "cometbft.log").read_bytes() == said + b"next\n"


def test_the_file_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It and the one before are bounded; nothing of the newest is lost."""
    monkeypatch.setattr(enginelog, "LOG_BYTES", 1_000)
    monkeypatch.setattr(enginelog, "TAIL_BYTES", 200)
    log = EngineLog(tmp_path / "cometbft.log", lambda _: None)
    follow(log, [b"%05d\n" % number for number in range(1_000)])
    new, old = (tmp_path / "cometbft.log").read_bytes(), (tmp_path / "cometbft.log.1").read_bytes()
    assert (old + new).endswith(b"00998\n00999\n")
    assert len(old) <= 1_010
    assert len(new) <= 1_010
    assert (old + new).split() == [b"%05d" % number for number in range(1_000 - len((old + new).split()), 1_000)]
    assert len(log.last_words) == 200


def test_errors_are_repeated_in_bounds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The node's own log tells of the engine's errors, and not of a flood of them."""
    log = EngineLog(tmp_path / "cometbft.log", lambda _: None)
    line = b'{"level":"error","_msg":"dialing failed","module":"p2p","err":"refused"}\n'
    with caplog.at_level(logging.WARNING):
        follow(log, [b'{"level":"info","_msg":"fine"}\n', line * 100, b'no JSON, "level":"error"\n'])
    told = [record for record in caplog.records if record.getMessage() == "the engine says"]
    assert len(told) == enginelog.REPEATED
    assert vars(told[0])["said"] == "dialing failed"


def test_last_words_are_explained() -> None:
    """Each known mark leads to its own explanation; unknown words to none."""
    assert explain("panic: something nobody has seen") is None
    assert explain("") is None
    for each in EXPLANATIONS:
        found = explain(f"… {each.mark.upper()} … {each.also}")
        assert found is not None
        assert found.words == each.words
    forgotten = explain('"storeHeight":0 … panic: state.AppHash does not match AppHash after replay')
    assert forgotten is not None
    assert "more blocks than its engine knows" in forgotten.words
