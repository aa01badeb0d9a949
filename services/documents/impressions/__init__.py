"""Impressions of seals: cut from scans, laid over a unit's specimen, told to be the same or another (DOC-06)."""
