"""How many decimal places the minor unit of each currency has: ISO 4217, list one, as of 2026-01-01."""

from collections.abc import Mapping
from types import MappingProxyType

_TWO_PLACES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_NO_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_PLACES = "CLF UYW"

# Withdrawn since 2020, all with two places: documents outlive their currencies.
_WITHDRAWN = "ANG BGN CUC HRK SLL ZWL"

EXPONENTS: Mapping[str, int] = MappingProxyType(
    {
        code: places
        for places, codes in enumerate([_NO_PLACES, "", _TWO_PLACES + _WITHDRAWN, _THREE_PLACES, _FOUR_PLACES])
        for code in codes.split()
    }
)
"""Decimal places by currency. Codes without a minor unit (gold, test codes, SDR) are no invoice currencies."""
