"""Wire version 1 is frozen: what each vector was when it froze, as a digest. A byte that moves is a new version.

    PYTHONPATH=. python -m tests.vectors.frozen

adds vectors that are new, and changes none: one that has moved, or is gone, needs the next version (docs/upgrading.md).
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

WIRE = 1
"""The wire version: see docs/upgrading.md."""

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER / "frozen.json"
NAMES = ("kind", "name", "reason", "why")
LEFT_OUT = {FILE.name, "told.json"}
"""What refusals tell beside their reason is for people: nothing of it is hashed or signed by a ledger."""

DIGITS = 16

WHAT_TO_DO = (
    "Bytes of wire version {wire} have moved: {moved}. Old proofs, records and ledgers no longer read as they did. "
    "Take the change back; or, if it is meant, give the wire its next version and the format its next number, as "
    "docs/upgrading.md#wire-version-1 says."
)


def found() -> dict[str, str]:
    """Give the digest of each vector by its file and name."""
    files = sorted(path for path in FOLDER.glob("*.json") if path.name not in LEFT_OUT)
    return {f"{path.name} {name}": digest for path in files for name, digest in _items(path)}


def moved(frozen: Mapping[str, str], present: Mapping[str, str]) -> list[str]:
    """Name what was frozen and is another, or gone."""
    return [name for name, digest in frozen.items() if present.get(name) != digest]


def read() -> dict[str, str]:
    """Read what was frozen."""
    stated: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    assert stated["wire"] == WIRE
    vectors: dict[str, str] = stated["vectors"]
    return vectors


def _items(path: Path) -> Iterator[tuple[str, str]]:
    data = path.read_bytes()
    value = json.loads(data)
    if path.name == "trust.json":
        yield "whole", _digest_of(data)
        return
    met = Counter[str]()
    for key, part in value.items():
        for name, each in _parts(part):
            met[name] += 1
            named = f"{key} {name}".strip() if met[name] == 1 else f"{key} {name} {met[name]}"
            if key not in ("about", "wire"):
                yield named, _digest_of(json.dumps(each, sort_keys=True).encode())


def _parts(part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict):
        yield from part.items()
    elif isinstance(part, list) and all(isinstance(each, dict) for each in part):
        for place, each in enumerate(part):
            yield next((str(each[name]) for name in NAMES if name in each), str(place)), each
    else:
        yield "", part


def _digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()[:DIGITS]


def main() -> int:
    """Add what is new; refuse what has moved."""
    frozen, present = read() if FILE.exists() else {}, found()
    if changed := moved(frozen, present):
        sys.stderr.write(WHAT_TO_DO.format(wire=WIRE, moved=", ".join(changed)) + "\n")
        return 1
    text = json.dumps({"wire": WIRE, "vectors": dict(sorted(present.items()))}, indent=0, ensure_ascii=False)
    FILE.write_text(text + "\n", "utf-8")
    sys.stdout.write(f"{len(present) - len(frozen)} new vectors are frozen, {len(present)} in all\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
