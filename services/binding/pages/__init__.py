"""The pages of the manual: counts, lists behind the counts, and their files (BND-04 to BND-09).

A statistic of a unit has one row for what belongs to the unit itself (``exact``) and one per child for its subtree.
Every number is the total of the list that it opens. Terminals that nobody reported belong to no unit; they are the
province's own.
"""
