"""A laboratory for the form verifier: sample forms, a print-and-scan simulator, a forger, all from seeds."""
