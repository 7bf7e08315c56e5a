"""Types of fields in answers, as they are described: the text stays text, and its reader learns what is in it."""

from typing import Annotated

from msgspec import Meta

_DIGITS, _BYTES = {"pattern": "^[0-9a-f]{64}$"}, {"pattern": "^([0-9a-f]{2})*$"}

Id = Annotated[
    str,
    Meta(description="An id: 32 bytes in lower-case hexadecimal digits.", extra_json_schema=_DIGITS),
]
Digest = Annotated[
    str,
    Meta(description="A SHA-256, in lower-case hexadecimal digits.", extra_json_schema=_DIGITS),
]
Hex = Annotated[str, Meta(description="Bytes, in lower-case hexadecimal digits.", extra_json_schema=_BYTES)]
Time = Annotated[int, Meta(ge=0, description="Milliseconds since 1970-01-01 00:00 UTC.")]
Position = Annotated[int, Meta(ge=0, description="A place in the log, counted from 0.")]
Size = Annotated[int, Meta(ge=0, description="How many entries the log has.")]
Height = Annotated[int, Meta(ge=0, description="How many blocks the ledger has.")]
RecordKind = Annotated[str, Meta(description="A kind of record, such as `invoice.issue`: docs/formats/bodies.md.")]
ObjectKind = Annotated[str, Meta(description="A kind of object, such as `invoice`.")]
StateWord = Annotated[str, Meta(description="The word of the object's state, such as `issued`.")]
Outcome = Annotated[str, Meta(extra_json_schema={"enum": ["created", "exists", "refused", "malformed"]})]
Delivery = Annotated[
    str, Meta(extra_json_schema={"enum": ["waiting", "here", "missing", "given-up", "erased", "unknown"]})
]
NodeStatus = Annotated[str, Meta(extra_json_schema={"enum": ["live", "ready", "not ready"]})]
