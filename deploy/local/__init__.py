"""The local stack: what stands behind `./simkeep` (OPS-01)."""
