"""Judges rendered pixels of a scan against the issued form; a text layer is never believed (DOC-03)."""
