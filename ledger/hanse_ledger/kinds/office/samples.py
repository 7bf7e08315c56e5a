"""A sample of each record of offices."""

from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer, LowValue, OpenOffice, SetOffice
from hanse_ledger.kinds.party.bodies import KeyRevocation
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.standins import T0, YEAR, public_key, stand_in


def opening() -> OpenOffice:
    """The customs authority of the import opens its office."""
    return OpenOffice(
        encryption_key=stand_in("customs-be encryption"), member="customs-be", profile=stand_in("customs-be profile")
    )


def appointment() -> AppointOfficer:
    """It appoints an officer who decides about declarations, for a year."""
    return AppointOfficer(
        key=public_key("officer"),
        office=stand_in("office"),
        powers=(Power.DECIDE,),
        valid_from=T0,
        valid_until=T0 + YEAR,
    )


def dismissal() -> DismissOfficer:
    """The officer leaves the service."""
    return DismissOfficer(
        compromised_since=None,
        key=public_key("first officer"),
        office=stand_in("office"),
        reason=KeyRevocation.CESSATION,
    )


def settings() -> SetOffice:
    """It wants two officers to sign each release, and takes low-value imports of up to 150 euros."""
    return SetOffice(
        encryption_key=stand_in("customs-be encryption"),
        four_eyes=("declaration.release",),
        low_value=(LowValue(at_most_minor=15_000, currency="EUR", minor_digits=2),),
        office=stand_in("office"),
        profile=None,
    )
