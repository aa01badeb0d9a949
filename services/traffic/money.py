"""Units of usage and of cost."""

from decimal import ROUND_HALF_UP, Decimal

MB = 1 << 20
_FEN = Decimal("0.01")


def yuan(fen: int) -> Decimal:
    """For people."""
    return (Decimal(fen) / 100).quantize(_FEN, ROUND_HALF_UP)
