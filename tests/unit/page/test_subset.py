"""The translation knows a part of Python: what the verifier reaches stays in it, and whatever else is refused."""

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from hanse_page.script import verifier
from hanse_page.translate.modules import translate
from hanse_page.translate.source import PACKAGE, Local, Unsupported

Translated = Callable[[str], str]


@pytest.fixture
def translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Translated:
    """Give a function that translates `first` of a made-up module of the ledger, and what it reaches."""

    def made(source: str) -> str:
        file = tmp_path / "made_up.py"
        file.write_text(dedent(source).lstrip("\n"), "utf-8")
        spec = importlib.util.spec_from_file_location(f"{PACKAGE}.made_up", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, f"{PACKAGE}.made_up", module)
        spec.loader.exec_module(module)
        return translate(Local("made_up", "first"))

    return made


@pytest.mark.slow
def test_verifier_stays_in_what_the_translation_knows() -> None:
    """All that check_proof, check_form, read_trust and the words of a report reach is translated."""
    assert "check_proof" in verifier()


def test_plain_function_is_translated(translated: Translated) -> None:
    """What is in the subset gives a function, and what it is called by from outside."""
    out = translated(
        """
        def first(number: int) -> int:
            return number + 1
        """
    )
    assert "return {$M_made_up: {first: first}}" in out
    assert re.search(r"\$add\(\w+, 1n\)", out)


IN_A_FUNCTION = {
    "a context": "with value:\n        pass",
    "an assignment in an expression": "return (value := 1)",
    "a finally": "try:\n        return 1\n    finally:\n        value = 2",
    "an else after a try": "try:\n        value = 1\n    except ValueError:\n        pass\n    else:\n        return 3",
    "an except that takes anything": "try:\n        return 1\n    except:\n        return 2",
    "an except group": "try:\n        return 1\n    except* ValueError:\n        pass",
    "an else after a for": "for each in value:\n        pass\n    else:\n        return 1",
    "an else after a while": "while value:\n        pass\n    else:\n        return 1",
    "a global": "global GLOBAL\n    GLOBAL = 1",
    "an import": "import math\n    return math.pi",
    "a class within": "class Inner:\n        pass",
    "a function that waits": "async def inner():\n        pass",
    "a deleted attribute": "del value.field",
    "a deleted part": "del value[1:2]",
    "an assigned part": "value[1:2] = []",
    "a step": "return value[::2]",
    "a division": "return value / 2",
    "a product of matrices": "return value @ value",
    "a float": "return 1.5",
    "an imaginary number": "return 2j",
    "keywords in a dict": "return other(**value)",
    "a keyword that is not there": "return other(nothing=1)",
    "a lambda with a default": "return (lambda each=1: each)",
    "a name that is not known": "return open(value)",
    "a builtin that is not known": "return hash(value)",
    "another package": "return time.time()",
    "a method that is not known": "return value.swapcase()",
    "a special attribute": "return value.__dict__",
    "a computed middle of a comparison": "return 1 < other(value) < 3",
    "a form of a number": "return f'{value:>10}'",
    "a form by its letters": "return f'{value!a}'",
    "a callee that is computed": "return value[0](1)",
    "a pattern of a sequence": "match value:\n        case [one, two]:\n            return one",
    "a pattern of a mapping": "match value:\n        case {'a': one}:\n            return one",
    "a decorator within": "@other\n    def inner():\n        pass",
    "several places at once": "value[0], value[1] = 1, 2",
    "digits of all letters": "return re.compile(r'[0-9]\\d').search(value)",
    "the end of a line": "return re.compile(r'a$').search(value)",
    "a count without a least": "return re.compile(r'a{,2}').search(value)",
    "letters of either case": "return re.compile('a', re.IGNORECASE).search(value)",
    "a point for all letters": "return re.compile('a', flags=re.DOTALL).search(value)",
    "a group in what is put in": "return re.compile('(a)').sub(r'<\\1>', value)",
    "digits of any script": "return value.isdigit()",
    "a number whose least byte is first": "return value.to_bytes(2, 'little')",
    "bytes whose least is first": "return int.from_bytes(value, 'little')",
    "bytes in hexadecimal": "return bytes.fromhex(value)",
    "the rest of each of many": "return [rest for one, *rest in value]",
    "a decoder that guesses": "return msgspec.json.Decoder(str, strict=False).decode(value)",
}


@pytest.mark.parametrize("body", IN_A_FUNCTION.values(), ids=IN_A_FUNCTION)
def test_construct_beyond_the_subset_is_refused(translated: Translated, body: str) -> None:
    """Nothing is guessed: the build stops, and says in which module and line."""
    line = 10 + next((at for at, each in enumerate(body.split("\n")) if "!" not in each), 0)
    with pytest.raises(Unsupported) as refused:
        translated(
            f"""
import msgspec
import re
import time

GLOBAL = 0

def other(value=0):
    return value

def first(value):
    {body}
"""
        )
    found = re.match(r"made_up:(\d+): ", str(refused.value))
    assert found is not None, refused.value
    assert line <= int(found[1]) <= line + body.count("\n") + 1, refused.value


AT_THE_TOP = {
    "a function that waits": "async def first():\n    pass",
    "any keywords": "def first(**others):\n    pass",
    "parameters by place alone": "def first(value, /):\n    pass",
    "a decorator that is not known": "from functools import wraps\n\n@wraps(len)\ndef first():\n    pass",
    "a loop": "for first in (1, 2):\n    pass",
    "several bases": "class Base:\n    pass\n\nclass Other:\n    pass\n\nclass first(Base, Other):\n    pass",
    "a value of a class": "class first:\n    shared = 1",
    "a static method": "class first:\n    @staticmethod\n    def method():\n        pass",
    "an enumeration of numbers": "from enum import IntEnum\n\nclass first(IntEnum):\n    ONE = 1",
    "names after any number of arguments": "def first(*values, name):\n    pass",
}


@pytest.mark.parametrize("source", AT_THE_TOP.values(), ids=AT_THE_TOP)
def test_definition_beyond_the_subset_is_refused(translated: Translated, source: str) -> None:
    """What stands at the top of a module is refused in the same way."""
    with pytest.raises(Unsupported, match=r"^made_up:(\d+): "):
        translated(source)
