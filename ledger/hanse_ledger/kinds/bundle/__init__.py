"""Bundles: several steps in one record, all or none."""
