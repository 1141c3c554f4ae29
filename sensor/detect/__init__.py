"""Sensitive data: found, replaced, put back."""
