"""Shipments: goods that a carrier has taken over, under one transport document."""
