"""统计 (INV-06..INV-09): counts from the books, one module per page.

A statistic of a unit has one row for what the unit itself owns (市级直属, ``exact``) and one per child for its whole
subtree. Cards count for their owner unit. Every number is the total of the list of cards with the same conditions.
"""
