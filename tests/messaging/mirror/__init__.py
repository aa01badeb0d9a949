"""A tiny real service that keeps a read model of probe's entries."""
