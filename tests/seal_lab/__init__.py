"""A laboratory for impressions of seals: faces, dies that wear, presses, scanners; without the verifier's code."""
