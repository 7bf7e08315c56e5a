"""Papers of carriage and customs: UBL, DCSA, credentials, and declarations in the names of the WCO data model."""
