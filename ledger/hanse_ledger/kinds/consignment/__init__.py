"""Consignments: the folder of one movement of goods, into which several organisations write."""
