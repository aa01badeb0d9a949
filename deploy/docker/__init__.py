"""The container image and a Compose file for one host."""
