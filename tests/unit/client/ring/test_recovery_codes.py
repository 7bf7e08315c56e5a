"""Recovery codes: printed, typed again, and what was mistyped is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_client.base.errors import InvalidInput
from hanse_client.ring.recoverycodes import GROUPS, LETTERS, is_code, new_code, read_code

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = "HANSE-" + "-".join(read_code(new_code()).split("-")[1:])
groups = st.integers(1, GROUPS)


def test_a_code_is_eight_groups_of_five() -> None:
    """A code has a mark and eight groups of letters that nobody takes for others, and no two are equal."""
    mark, *parts = new_code().split("-")
    assert mark == "HANSE"
    assert [len(part) for part in parts] == [LETTERS] * GROUPS
    assert set("".join(parts)) <= set(ALPHABET)
    assert len({new_code() for _ in range(100)}) == 100


def test_what_is_printed_is_read_however_it_is_typed() -> None:
    """Small letters, spaces, no mark, no hyphens, and letters that look alike are all the same code."""
    bare = CODE.removeprefix("HANSE-")
    for typed in (
        CODE,
        CODE.lower(),
        f"  {CODE.replace('-', '  ')} \n",
        bare,
        bare.replace("-", ""),
        CODE.replace("-", "."),
    ):
        assert read_code(typed) == CODE
    assert read_code(CODE.replace("1", "l").replace("0", "o")) == CODE
    assert is_code(CODE.lower())
    assert not is_code("correct horse battery staple")


@given(groups, st.integers(0, LETTERS - 1), st.integers(1, 31))
def test_one_wrong_letter_names_its_group(place: int, at: int, by: int) -> None:
    """Whichever letter is another one, its group is named, and no other."""
    parts = CODE.split("-")
    letters = list(parts[place])
    letters[at] = ALPHABET[(ALPHABET.index(letters[at]) + by) % 32]
    parts[place] = "".join(letters)
    with pytest.raises(InvalidInput, match=rf"mistyped: group {place} \(its last letter does not fit\)\."):
        read_code("-".join(parts))


@given(groups, st.integers(0, LETTERS - 2))
def test_two_letters_that_are_swapped_name_their_group(place: int, at: int) -> None:
    """Two neighbours in each other's place are found, unless they are the same letter."""
    parts = CODE.split("-")
    one, other = parts[place][at], parts[place][at + 1]
    if one == other:
        return
    parts[place] = f"{parts[place][:at]}{other}{one}{parts[place][at + 2 :]}"
    with pytest.raises(InvalidInput, match=rf"group {place} "):
        read_code("-".join(parts))


@given(st.permutations(range(1, GROUPS + 1)))
def test_groups_in_another_order_are_named(order: list[int]) -> None:
    """A group in another's place does not fit there."""
    parts = CODE.split("-")
    moved = [place for place, each in enumerate(order, 1) if place != each]
    if not moved:
        return
    with pytest.raises(InvalidInput) as caught:
        read_code("-".join(["HANSE", *(parts[each] for each in order)]))
    assert all(f"group {place} (" in str(caught.value) for place in moved)


def test_a_missing_letter_or_group_is_named() -> None:
    """What is too short is said of its group; what is missing is counted."""
    parts = CODE.split("-")
    with pytest.raises(InvalidInput, match=r"group 3 \(it has 4 letters"):
        read_code("-".join([*parts[:3], parts[3][:4], *parts[4:]]))
    with pytest.raises(InvalidInput, match="there are 7 groups of 8"):
        read_code("-".join(parts[:-1]))
    with pytest.raises(InvalidInput, match=r"group 2 \(it has a letter that no code has\)"):
        read_code("-".join([*parts[:2], "ÄÖÜ?!", *parts[3:]]))


def test_a_group_of_another_code_that_fits_by_itself_is_found() -> None:
    """A group whose last letter fits, and that is another code's, is found by the eighth."""
    other = new_code().split("-")
    parts = CODE.split("-")
    assert other[2] != parts[2]
    with pytest.raises(InvalidInput, match="in a group whose last letter happens to fit"):
        read_code("-".join([*parts[:2], other[2], *parts[3:]]))
