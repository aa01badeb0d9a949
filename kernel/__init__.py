"""The small language that every part of SimKeep shares: model (pure), contracts (messages), chassis (technical)."""
