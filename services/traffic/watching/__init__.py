"""What is looked for in the figures by itself: rules that warn (TRF-07), terminated cards that are used (TER-08)."""
