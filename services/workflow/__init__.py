"""Activation and termination applications, their forms' states, decisions and reminders."""
