"""Seals set across the fanned right edges of a form's pages: each page has a strip of the circle (骑缝章).

A strip reaches the paper's edge, all its ink lies inside one circle of a seal's size, and wherever that circle crosses
the strip its ring is inked. It is no page's own seal, and no foreign ink either.
"""

from dataclasses import replace

import cv2
import numpy as np

from services.documents.verify.grid import PX
from services.documents.verify.seals import ACCEPTED, FoundSeal, polar_ink

RIDING_FROM = 178.0
INKED = 0.2


def riding_seals(red: np.ndarray, found: list[FoundSeal]) -> list[FoundSeal]:
    """`red`: float32 (2339, 1654), 0..1. Strips among the faulty candidates, or one fitted to the right edge's red."""
    candidates = [seal for seal in found if seal.fault is not None and _rides(red, seal)]
    if candidates:
        return candidates
    own = [seal for seal in found if seal.fault is None]
    strip = _fitted(red, own)
    return [strip] if strip is not None and _rides(red, strip) else []


def _fitted(red: np.ndarray, own: list[FoundSeal]) -> FoundSeal | None:
    """The circle through the topmost and bottommost ink of the right edge's columns, by RANSAC from a fixed seed."""
    left = round(RIDING_FROM * PX)
    mask: np.ndarray = (red[:, left:] > INKED).astype(np.uint8)
    for seal in own:
        cv2.circle(mask, (round(seal.x * PX) - left, round(seal.y * PX)), round((seal.radius + 2) * PX), 0, -1)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    columns = np.flatnonzero(mask.sum(axis=0) > 2)
    if len(columns) < 20:
        return None
    tops = mask[:, columns].argmax(axis=0)
    bottoms = mask.shape[0] - 1 - mask[::-1, columns].argmax(axis=0)
    xs = np.concatenate([columns, columns]) + left + 0.5
    points = np.stack([xs, np.concatenate([tops, bottoms]) + 0.5], axis=1) / PX
    best, best_votes = None, 0
    random = np.random.default_rng(1)
    for _ in range(300):
        circle = _through(points[random.choice(len(points), 3, replace=False)])
        if circle is None:
            continue
        off = np.abs(np.hypot(points[:, 0] - circle[0], points[:, 1] - circle[1]) - circle[2])
        votes = int((off < 0.4).sum())
        if votes > best_votes:
            best, best_votes = circle, votes
    if best is None or best_votes < 0.4 * len(points):
        return None
    return replace(NO_SEAL, x=best[0], y=best[1], radius=best[2])


NO_SEAL = FoundSeal(0, 0, 0, 0, 0, 0, 0, 0, "骑缝章", False)


def _through(points: np.ndarray) -> tuple[float, float, float] | None:
    """Middle and radius of the circle through three points (mm); None if not of a seal's size."""
    system = np.column_stack([2 * points, np.ones(3)])
    if abs(np.linalg.det(system)) < 1e-3:
        return None
    x, y, c = np.linalg.solve(system, (points**2).sum(axis=1))
    radius = float(np.sqrt(max(c + x * x + y * y, 0)))
    if not ACCEPTED[0] - 1 <= 2 * radius <= ACCEPTED[1] + 1:
        return None
    return float(x), float(y), radius


def _rides(red: np.ndarray, seal: FoundSeal) -> bool:
    if not ACCEPTED[0] - 2 <= 2 * seal.radius <= ACCEPTED[1] + 2 or seal.x + seal.radius < 203:
        return False
    left = round(max(seal.x - seal.radius - 2, RIDING_FROM) * PX)
    top, bottom = (round(np.clip(seal.y + k * (seal.radius + 2), 0, 296) * PX) for k in (-1, 1))
    ys, xs = np.nonzero(red[top:bottom, left:] > INKED)
    if len(xs) < 300:
        return False
    x, y = (xs + left) / PX, (ys + top) / PX
    start, end = np.percentile(x, 1), x.max()
    inside = np.hypot(x - seal.x, y - seal.y) < seal.radius + 0.8
    angles = np.radians(np.arange(360))
    ring_x = seal.x + seal.radius * np.cos(angles)
    crossing = (ring_x > start + 0.7) & (ring_x < min(end, 209) - 0.7)
    polar = np.nan_to_num(polar_ink(red, seal.x, seal.y, seal.radius))
    steps = np.arange(polar.shape[1]) * 0.125
    inked = polar[:, np.abs(steps - seal.radius + 0.4) < 1.1].max(axis=1) > 0.18
    return bool(end > 202 and inside.mean() > 0.96 and crossing.sum() >= 8 and inked[crossing].mean() > 0.7)
