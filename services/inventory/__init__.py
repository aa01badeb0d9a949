"""Inventory: the unit's card stock, from the carrier's delivery to the terminated card (INV-01..INV-11)."""
