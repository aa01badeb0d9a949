"""Terminals, readings, bindings of card and terminal, and their exceptions."""
