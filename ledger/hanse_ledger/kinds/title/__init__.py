"""Titles: documents of title that a carrier issues on a shipment, each with one holder."""
