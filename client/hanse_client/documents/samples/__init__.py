"""One small trade, told by four documents: hand-painted tableware from Hangzhou to Antwerp, certified and paid for.

They were written for this project; all companies, people, banks and identifiers in them are invented.
"""

from importlib.resources import files

NAMES = ("invoice.xml", "certificate.json", "pacs008.xml", "camt054.xml")
"""The samples: a UBL invoice, its certificate of origin, the payment of it and the notice that it arrived."""


def sample(name: str) -> bytes:
    """Give the bytes of one of the samples in `NAMES`.

    Raises:
        KeyError: there is no sample of that name.
    """
    if name not in NAMES:
        raise KeyError(f"no sample {name!r}; there are {', '.join(NAMES)}")
    return files(__name__).joinpath(name).read_bytes()
