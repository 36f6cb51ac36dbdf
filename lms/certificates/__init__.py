"""Certificates: issued once, never changed, checked by anybody."""
