"""What is fast, compared with what, on one machine, in one run: ``./simkeep bench NAME...``."""
