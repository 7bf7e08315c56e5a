"""One small trade, told by four documents: hand-painted tableware from Hangzhou to Antwerp, certified and paid for.

Two more payments of the same sum show what banks do to one. All were written for this project; all companies, people,
banks and identifiers in them are invented.
"""

import json
from importlib.resources import files

from hanse_ledger.values.types import Day

TRADE = ("invoice.xml", "certificate.json", "pacs008.xml", "camt054.xml")
"""The trade: a UBL invoice, its certificate of origin, the payment of it and the notice that it arrived."""

NAMES = (*TRADE, "pacs008-charges.xml", "camt054-charges.xml", "pacs008-no-uetr.xml", "camt054-no-uetr.xml")
"""All samples: also the same sum paid again, once with charges on the way, and once without a UETR."""


BESIDE = ("credit-note.xml", "bill-of-lading.txt")
"""What else there is of the trade: a UBL credit note for two bowls, and the carrier's bill of lading, plain text."""


def sample(name: str) -> bytes:
    """Give the bytes of one of the samples in `NAMES` and `BESIDE`.

    Raises:
        KeyError: there is no sample of that name.
    """
    if name not in (*NAMES, *BESIDE):
        raise KeyError(f"no sample {name!r}; there are {', '.join((*NAMES, *BESIDE))}")
    return files(__name__).joinpath(name).read_bytes()


def certificate_in_force(first: Day, last: Day) -> bytes:
    """Give the sample certificate as one that holds from one day to another, both included: its own dates pass."""
    certificate = json.loads(sample("certificate.json"))
    certificate["effectivePeriod"] = {"startDateTime": f"{first}T00:00:00Z", "endDateTime": f"{last}T23:59:59Z"}
    return json.dumps(certificate, ensure_ascii=False, indent=2).encode() + b"\n"
