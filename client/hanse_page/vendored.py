"""What the page carries of others: copied whole, held to a hash, and written as one script without modules."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hanse_page.translate.source import Unsupported
from hanse_page.trimmed import squeezed, trimmed

FOLDER = Path(__file__).parent / "vendor"

# In the order in which each needs the ones before: its name in imports, its file, the file's SHA-256.
VERIFYING = (
    ("utils.js", "noble-hashes-utils.js", "037ad49adb78168b6b699598fd33f85f7877456b1d28b4d032e2a1a16807947c"),
    ("_u64.js", "noble-hashes-_u64.js", "b09da8c07fe8187c07649494cdb7cd0bcf13df90b506a9473d19e4d5f8c2e102"),
    ("_md.js", "noble-hashes-_md.js", "60cf3010fda89e3e4d3f0e7ff1ce249e9c467f34b4fd41b6fd6101d9f69be763"),
    ("sha2.js", "noble-hashes-sha2.js", "471746bba6ec4c6238ca41358d1d3b40b6ff31cf3363f0b4d550c649c1a8e83b"),
    ("ed25519.js", "noble-ed25519.js", "a4f631d1876b5d9e43a86cd71194ca27b5e1451edf4ba4db9a418f40a475569a"),
)
# The same of what reads codes: the encoder comes with the decoder, which takes tables from it.
READING = (
    ("index.js", "qr-index.js", "a0de370051f94bd74f218f74401fdf197585e3f9ef0143164f87ea941a3fdd6f"),
    ("decode.js", "qr-decode.js", "00e209820dcb11d624e9a03d6383e580766792b57d1651318f0a29e4e1ff0fe8"),
)
NOTICE = (
    "/* Carries noble-ed25519 3.2.0, Copyright (c) 2019 Paul Miller, and noble-hashes 2.4.0, Copyright (c) 2022 Paul"
    " Miller, both under the MIT licence: https://paulmillr.com */"
)
READING_NOTICE = "/* Carries qr 0.7.0, Copyright (c) 2023 Paul Miller, under the MIT licence: https://paulmillr.com */"

_IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from ["\']\./(\w+\.js)["\'];$', re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default \w+;$", re.MULTILINE)
_EXPORTS = re.compile(r"^export \{([\w, ]*)\};$", re.MULTILINE)
_RENAMED = re.compile(r"(\w+) as (\w+)")


def vendored() -> str:
    """Write what verifying stands on as scopes of one table, `$V`. Raises Unsupported where a file has changed."""
    asked = {"ed25519.js": {"Point"}, "sha2.js": {"sha256", "sha512"}}
    return "\n".join([NOTICE, "const $V = {};", *_scopes(VERIFYING, asked)])


def code_reader() -> str:
    """Write what reads codes, as the function `decodeQR`. Raises Unsupported as `vendored` does."""
    scopes = _scopes(READING, {"decode.js": {"decodeQR"}})
    begin, end = ("const decodeQR = (() => {", "const $V = {};"), ('return $V["decode.js"].decodeQR;', "})();")
    return "\n".join([READING_NOTICE, *begin, *scopes, *end])


def _scopes(files: Sequence[tuple[str, str, str]], asked: Mapping[str, set[str]]) -> list[str]:
    """Write files as scopes, each with what is asked of it and what those after it take from it."""
    wanted = {name: set(names) for name, names in asked.items()}
    scopes: list[str] = []
    for name, file, digest in reversed(files):
        scopes.append(_scope(name, _read(file, digest), wanted))
    return scopes[::-1]


def _read(file: str, digest: str) -> str:
    """Read a file that is still the one that was taken in, without its comments."""
    data = (FOLDER / file).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise Unsupported(f"{file} is not the file that was read when it was taken in: its SHA-256 differs")
    code = re.sub(r"/\*.*?\*/", "", data.decode(), flags=re.DOTALL)
    return re.sub(r"^\s*//.*\n", "", code, flags=re.MULTILINE)


def _scope(name: str, code: str, wanted: dict[str, set[str]]) -> str:
    """Write a file as a scope, and note what it takes from others."""
    exported = {each: each for each in _EXPORTED.findall(code)}
    for listed in _EXPORTS.findall(code):
        for each in filter(None, map(str.strip, listed.split(","))):
            own, _, outside = each.partition(" as ")
            exported[outside or own] = own
    imports = _IMPORT.findall(code)
    plain = _EXPORTS.sub("", _DEFAULT.sub("", _IMPORT.sub("", code)))
    plain = re.sub(r"^export (?=async |function|class|const)", "", plain, flags=re.MULTILINE)
    if re.search(r"^(?:import|export)\b", plain, re.MULTILINE):
        raise Unsupported(f"{name} imports or exports in a way that is not known")
    given = {outside: own for outside, own in exported.items() if outside in wanted.get(name, set())}
    body = trimmed(plain, set(given.values()))
    for names, module in imports:
        wanted.setdefault(module, set()).update(_asked(names, body))
    lines = [_taken(names, module) for names, module in imports] + body.split("\n")
    inner = squeezed("\n".join(line.strip() for line in lines if line.strip()))
    offered = ", ".join(outside if outside == own else f"{outside}: {own}" for outside, own in given.items())
    return f'$V["{name}"] = (() => {{\n{inner}\nreturn {{ {offered} }};\n}})();'


def _asked(names: str, body: str) -> set[str]:
    """Name what an import takes from another file, as far as the body says it."""
    if names.startswith("* as "):
        return set(re.findall(rf"\b{names.removeprefix('* as ')}\.(\w+)", body))
    pairs = [each.strip().partition(" as ") for each in names.strip("{} ").split(",") if each.strip()]
    return {outside for outside, _, own in pairs if re.search(rf"\b{own or outside}\b", body)}


def _taken(names: str, module: str) -> str:
    taken = _RENAMED.sub(r"\1: \2", names.removeprefix("* as "))
    return f'const {taken} = $V["{module}"];'
