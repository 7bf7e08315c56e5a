"""Calls to others over HTTP: the only place of client and node that makes any, and that believes nobody's framing.

Whoever answers may be a liar. What it sends is taken as raw bytes, counted as they come, against bounds that stand
before the call: bytes of the head and reads that it takes, headers, bytes of the body and pieces that they come in,
what is sent beside the body (chunks' headers, trailers), and the time of the whole call. No encoding is asked for, and
none is undone; no redirect is followed, no cookie kept. Connections are kept and used again.

This package stands alone: it imports nothing else of the client's.
"""

from hanse_io.outgoing.calls import Outgoing, ask_and_wait
from hanse_io.outgoing.countedstream import BadFraming, OutgoingError
from hanse_io.outgoing.reach import OutOfReach, Reach
from hanse_io.outgoing.serversent import EVENT_BYTES, ServerSentEvent
from hanse_io.outgoing.surroundings import BadSurroundings
from hanse_io.outgoing.wholeanswers import BYTES_A_SECOND, Answer, NoAnswer, NoStream

__all__ = [
    "BYTES_A_SECOND",
    "EVENT_BYTES",
    "Answer",
    "BadFraming",
    "BadSurroundings",
    "NoAnswer",
    "NoStream",
    "OutOfReach",
    "Outgoing",
    "OutgoingError",
    "Reach",
    "ServerSentEvent",
    "ask_and_wait",
]
