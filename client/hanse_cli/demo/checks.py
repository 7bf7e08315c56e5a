"""Checking the demonstration's proof as somebody else would: in a fresh process, with no network."""

import base64
import subprocess
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from hanse_cli.base.background import clean_environment, this_program
from hanse_cli.base.files import write_file
from hanse_client.base.errors import BadAnswer
from hanse_client.verify.report import quoted
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.values.errors import UNREADABLE

CHECK_SECONDS = 60
WORDS = 400


class Verified(Struct, frozen=True, kw_only=True):
    """What a fresh process has said of a proof."""

    exit_code: int
    verdict: str
    detail: str
    vouchers: str
    steps: int
    subjects: tuple[str, ...]
    terms: tuple[str, ...]


def verify_in_fresh_process(proof: Path, trust: Path) -> Verified:
    """Run `hanse verify --offline` on a proof, and read its answer.

    Raises:
        BadAnswer: the process did not answer.
    """
    words = [*this_program(), "verify", str(proof), "--offline", "--trust", str(trust), "--json"]
    ended = subprocess.run(  # noqa: S603 (this very program, with arguments of our own and no shell)
        words,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=clean_environment(),
        timeout=CHECK_SECONDS,
        check=False,
    )
    try:
        said: dict[str, Any] = msgspec.json.decode(ended.stdout, type=dict[str, Any])
        return Verified(
            exit_code=ended.returncode,
            verdict=said["verdict"],
            detail=said["detail"],
            vouchers=said["vouchers"],
            steps=len(said["steps"]),
            subjects=tuple(
                f"{subject['kind']} {subject['id'][:16]}… {subject['state']}" for subject in said["subjects"]
            ),
            terms=tuple(
                f"{term['name']} {'not stated' if term['value'] is None else quoted(term['value'])}"
                for term in said["terms"]
            ),
        )
    except (*UNREADABLE, KeyError) as error:
        words_left = ended.stderr.decode("utf-8", "replace")[-WORDS:]
        raise BadAnswer(f"`hanse verify` ended with {ended.returncode}: {words_left}", "Try it by hand.") from error


def change_one_byte(proof: Path, changed: Path) -> int:
    """Write a copy of a proof in which one byte of the newest record differs; give its offset.

    The copy is still JSON and base64: what is wrong with it is what it says.
    """
    data = proof.read_bytes()
    entry = base64.b64encode(read_proof(data).records[-1].entry)
    offset = data.index(entry) + len(entry) // 2
    other = b"B" if data[offset : offset + 1] == b"A" else b"A"
    write_file(changed, data[:offset] + other + data[offset + 1 :], force=True)
    return offset
