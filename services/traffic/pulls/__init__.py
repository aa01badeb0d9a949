"""Pulling usage from carriers and filling gaps (TRF-01): what is missing, when it will be here, and getting it."""
