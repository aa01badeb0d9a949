"""Judges rendered pixels of a scan against the issued form; what a file's text layer says is never believed (DOC-03)."""
