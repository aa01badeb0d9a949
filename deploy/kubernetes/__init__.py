"""Manifests for Kubernetes, from the tables of processes, accounts and ways; README.md says how they are laid out."""
