"""The life of a process: its start, settings, clock, timers, logs, metrics and health."""
