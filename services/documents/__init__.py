"""Issues forms as PDF and judges scans of the printed, signed and sealed paper (DOC-01..DOC-05)."""
