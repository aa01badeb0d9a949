"""Serials, pools, organisations, redemptions, lists, violations."""
