"""Rows out: paging, lists and exports."""
