"""A part of a state costs whoever takes it up no more than its bytes: a member may have made it up."""

from time import process_time

from msgspec.structs import replace

from hanse_ledger.kinds.objects import encode_object, object_value
from hanse_ledger.misbehaviour.partial_state import KnownObject, PartOfObjects
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values.hashing import hash_bytes, hash_leaf, hash_node
from tests.world.corridor import traders


def test_objects_far_apart_cost_no_more_than_their_ways() -> None:
    """A member signs a log of its own making, whose objects lie far apart: thousands of them, each with a long way."""
    many, levels = 3_000, 31
    count = 1 << levels
    values = {}
    corridor = traders()
    seller = corridor.ledger.objects[corridor.id["seller"]]
    for place in range(many):
        value = replace(seller, id=place.to_bytes(32, "big"))
        values[place * (count // many)] = value
    nodes: dict[tuple[int, int], bytes] = {}

    def made(level: int, index: int) -> bytes:
        return nodes.get((level, index)) or hash_bytes(f"{level} {index}".encode())

    for number, value in values.items():
        nodes[0, number] = object_leaf(value.id, object_value(value))
    for level in range(levels):
        for index in {index >> 1 for at, index in list(nodes) if at == level}:
            nodes[level + 1, index] = hash_node(made(level, 2 * index), made(level, 2 * index + 1))
    known = [
        KnownObject(
            number=number,
            path=tuple(made(level, number >> level ^ 1) for level in range(levels)),
            value=encode_object(value),
        )
        for number, value in values.items()
    ]
    begun = process_time()
    part = PartOfObjects(count, [made(levels, 0)], made(levels, 0), known)
    read = process_time() - begun
    staged = part.stage({number: hash_leaf(b"changed") for number in values})
    assert staged.root != made(levels, 0)
    assert part.stage({}).root == made(levels, 0)
    assert process_time() - begun <= 3 * read + 0.1, "what is changed costs as what is read"
