"""Signing keys that never leave a token or HSM: PKCS#11."""
