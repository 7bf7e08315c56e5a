"""Mandates: by them another party, or a member, signs in a party's place."""
