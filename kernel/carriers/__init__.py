"""Speaking with carriers' platforms: addresses and keys, one request with its tries, pages, two dialects' manners.

Inventory asks them for deliveries, traffic for usage; what they ask for stands with them.
"""
