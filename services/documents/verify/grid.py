"""The common grid of all scans: A4 at 200 dpi. Positions are continuous: pixel i covers [i, i + 1)."""

GRID_DPI = 200
PX = GRID_DPI / 25.4
WIDTH, HEIGHT = 1654, 2339
SHAPE = (HEIGHT, WIDTH)
MIN_DPI = 140
