"""查询: lists of cards (INV-05). ``card_list`` is the page; the other modules find its cards fast."""
