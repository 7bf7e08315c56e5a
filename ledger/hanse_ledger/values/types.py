"""The plain values that everything else is made of.

Wire types carry their bounds as msgspec metadata, so that decoding checks them.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits, patterns

Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""A SHA-256 hash, 32 bytes."""

ObjectId = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""Names an object of the state: SHA-256(record id, step index, part), 32 bytes; part 1 is a record's document."""

RecordId = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""Names a record: SHA-256 of its canonical bytes, 32 bytes."""

LedgerId = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""Names a ledger: SHA-256 of its genesis, 32 bytes."""

Nonce = Annotated[bytes, Meta(min_length=16, max_length=16)]
"""16 random bytes that make a record unique; the salts of an object's aspects derive from it."""

Salt = Annotated[bytes, Meta(min_length=16, max_length=16)]
"""16 random bytes beside an id in a commitment to it: who does not have them cannot try ids."""

PublicKey = Annotated[bytes, Meta(min_length=33, max_length=1313)]
"""A verification key: one algorithm byte (see `keys`), then the raw key."""

EncryptionKey = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""An X25519 public key, 32 bytes."""

Moment = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Milliseconds since 1970-01-01T00:00Z, up to the end of the year 9999."""

Day = Annotated[str, Meta(pattern=patterns.DAY)]
"""A calendar date, ISO 8601 `YYYY-MM-DD`, as a document states it."""

MemberId = Annotated[str, Meta(pattern=patterns.MEMBER)]
"""Names a member: 1 to 32 lower-case letters, digits and inner hyphens."""

Currency = Annotated[str, Meta(pattern=patterns.CURRENCY)]
"""An ISO 4217 alphabetic code (shape only: no code table inside the ledger)."""

Country = Annotated[str, Meta(pattern=patterns.COUNTRY)]
"""An ISO 3166-1 alpha-2 code (shape only)."""

HsCode = Annotated[str, Meta(pattern=patterns.HS_CODE)]
"""A code of the WCO Harmonized System: a heading of 4 digits, a subheading of 6, or up to 12 with national ones."""

HS_DIGITS = 6
"""What is common to all countries of a Harmonized System code; what follows is national."""


def same_hs_code(left: HsCode, right: HsCode) -> bool:
    """Tell whether two codes name the same goods: by the digits that are common to all countries, as far as both go."""
    digits = min(HS_DIGITS, len(left), len(right))
    return left[:digits] == right[:digits]


UnitCode = Annotated[str, Meta(pattern=patterns.UNIT)]
"""A UN/ECE Recommendation 20 or 21 unit code (shape only)."""

Minor = Annotated[int, Meta(ge=1, le=10**15)]
"""An amount of money above zero, in minor units of its currency."""

Payable = Annotated[int, Meta(ge=-(10**15), le=10**15)]
"""An amount that an invoice states, in minor units of its currency: zero where it is prepaid. Rules refuse less."""

MinorDigits = Annotated[int, Meta(ge=0, le=4)]
"""Decimal places of a currency's minor unit (ISO 4217): whoever makes a record looks them up, rules hold no table."""

Quantity = Annotated[int, Meta(ge=1, le=10**18)]
"""A quantity above zero, in millionths of its unit."""

QuantityUsed = Annotated[int, Meta(ge=0, le=10**18)]
"""How much of a quantity has been used, in millionths of its unit; nothing is 0."""

PackageCount = Annotated[int, Meta(ge=1, le=10**9)]
"""How many packages there are."""

QUANTITY_PLACES = 6
"""A quantity has at most so many decimal places: finer ones are refused, never rounded."""

Bic = Annotated[str, Meta(pattern=patterns.BIC)]
"""A business identifier code of a bank (ISO 9362; shape only)."""


Bank = Annotated[str, Meta(pattern=patterns.BANK)]
"""Names a bank: a member by its id, and one that is no member by its BIC. Small letters and capitals tell which."""

Rail = Annotated[str, Meta(pattern=patterns.RAIL)]
"""By what a payment travels: `swift`, `sepa`, `cbdc`, `token`, or another one by the name that its users give it."""


class ChargeBearer(StrEnum):
    """Who bears the charges of a payment (ISO 20022, ChargeBearerType1Code)."""

    CREDITOR = "CRED"
    DEBTOR = "DEBT"
    SERVICE_LEVEL = "SLEV"
    SHARED = "SHAR"


Uetr = Annotated[str, Meta(pattern=patterns.UETR)]
"""A unique end-to-end transaction reference: a version 4 UUID, lower case (ISO 20022)."""

ProductId = Annotated[str, Meta(pattern=patterns.PRODUCT)]
"""By what a seller names a product: a GTIN, or its own number (BT-157, BT-155)."""

Ucr = Annotated[str, Meta(pattern=patterns.UCR)]
"""A unique consignment reference (WCO): who trades gives one to each movement of goods; in capitals (shape only)."""

Name = Annotated[str, Meta(min_length=1, max_length=limits.TEXT, pattern=patterns.ONE_LINE)]
"""What an organisation or a ledger calls itself: one line, nothing unseen, words parted by single spaces.

It is shown beside fingerprints: it must not be able to look like a line of its own.
"""
