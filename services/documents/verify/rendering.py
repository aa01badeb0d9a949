"""Draws an accepted upload page by page: PDF by PDFium, pictures by Pillow. Runs in the sandbox only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from services.documents.verify.structure import MAX_PAGES, MAX_PIXELS, Refused

LONG_SIDE, LEAST, OWN = 3508, 1100, 2339
LIKELY_DPI = (100, 1300)
WORTH = 0.05  # of the page: pictures that cover less do not set its resolution
INVISIBLE_TEXT = 3
PICTURES = ("JPEG", "JPEG2000", "PNG", "TIFF", "WEBP", "AVIF")
IMAGE, TEXT = 3, 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page's pixels, rows of `width` x `channels` bytes. `plain`: nothing but pictures lies on it, so that no two
    programs draw it differently. `dpi`: pixels an inch of the paper, as the file says."""

    width: int
    height: int
    channels: int
    rows: list[memoryview]
    plain: bool
    dpi: float | None = None


def drawn_pages(path: str, finer: list[float], allow: Callable[[int], None]) -> Iterator[Drawn]:
    """Annotations are drawn in (a seal may be a stamp annotation). `allow` hears of each page, from 0, before it;
    `finer` is what structure.look answered. Raises Refused."""
    import pypdfium2 as pdfium  # noqa: PLC0415 - after the limits

    try:
        document = pdfium.PdfDocument(path)
        document.init_forms()
    except pdfium.PdfiumError:
        raise Refused("broken") from None
    if len(document) != len(finer):
        raise Refused("broken")
    for index, factor in enumerate(finer):
        allow(index)
        page = document[index]
        things = list(page.get_objects(max_depth=3))
        pictures = [thing for thing in things if thing.type == IMAGE]
        whole = _reduced_jpx(page, things) if any("JPXDecode" in _filters(picture) for picture in pictures) else None
        if whole is not None:
            yield replace(whole, dpi=whole.width / page.get_width() * 72)
            continue
        scale = _scale(page, pictures, factor)
        bitmap = page.render(scale=scale, rev_byteorder=True, draw_annots=True, may_draw_forms=True)
        view = memoryview(bitmap.buffer).cast("B")
        row = bitmap.width * bitmap.n_channels
        rows = [view[line * bitmap.stride : line * bitmap.stride + row] for line in range(bitmap.height)]
        if pictures and len(set(rows[0])) <= 1 and all(line == rows[0] for line in rows):
            _refuse_undecodable(pictures)
        yield Drawn(bitmap.width, bitmap.height, bitmap.n_channels, rows, _is_plain(page, things, factor), scale * 72)
        rows.clear()
        view.release()
        bitmap.close()
        page.close()


def _filters(picture: Any) -> list[str]:
    return list(picture.get_filters())


def _placed(picture: Any) -> tuple[float, float]:
    """A picture's sides on the page, in points."""
    m = picture.get_matrix()
    return (m.a**2 + m.b**2) ** 0.5, (m.c**2 + m.d**2) ** 0.5


def _scale(page: Any, pictures: list[Any], finer: float) -> float:
    """Pixels per point near the scan's own resolution: of the finest pictures which together cover a share.
    Strips and masks count like whole pictures."""
    width, height = cast(tuple[float, float], page.get_size())
    sizes: list[tuple[float, float]] = []
    for picture in pictures:
        across, down = _placed(picture)
        if across > 0 and down > 0:
            pixels = picture.get_px_size()
            share = min(across * down / (width * height), 1.0)
            sizes.append((max(pixels[0] / across, pixels[1] / down), share))
    own, covered = None, 0.0
    for resolution, share in sorted(sizes, reverse=True):
        own, covered = resolution, covered + share
        if covered >= WORTH:
            break
    wanted = own * finer * max(width, height) if own is not None and covered >= WORTH else OWN
    return min(max(wanted, LEAST), LONG_SIDE) / max(width, height)


def _is_plain(page: Any, things: list[Any], finer: float) -> bool:
    from pypdfium2 import raw  # noqa: PLC0415

    if raw.FPDFPage_GetAnnotCount(page) or finer > 1.0:
        return False
    for thing in things:
        if thing.type == TEXT and raw.FPDFTextObj_GetTextRenderMode(thing) == INVISIBLE_TEXT:
            continue
        if thing.type != IMAGE or raw.FPDFPageObj_HasTransparency(thing):
            return False
    return True


def _reduced_jpx(page: Any, things: list[Any]) -> Drawn | None:
    """A page that is one JPEG 2000 picture, decoded no finer than needed: in full it takes more memory than there is.
    None when PDFium must draw it; Refused("undrawn") when it cannot."""
    import io  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415

    picture = next(thing for thing in things if thing.type == IMAGE)
    across, down = picture.get_px_size()
    if max(across, down) <= LONG_SIDE * 1.1:
        return None
    m, (width, height) = picture.get_matrix(), page.get_size()
    alone = len(things) == 1 and abs(m.b) + abs(m.c) < 1e-6 and m.a > 0.97 * width and m.d > 0.97 * height
    if not alone or page.get_rotation():
        _refuse_undecodable([picture])
        return None
    try:
        with Image.open(io.BytesIO(bytes(picture.get_data(decode_simple=False))), formats=("JPEG2000",)) as image:
            _reduce(image)
            pixels = image.convert("RGB")
    except (OSError, ValueError, MemoryError, Image.DecompressionBombError):
        raise Refused("undrawn") from None
    return _of_picture(pixels)


def _reduce(image: Any) -> None:
    """Let a JPEG 2000 picture be decoded no finer than LONG_SIDE; Pillow takes it before the first pixel."""
    side, reduce = max(image.size), 0
    while side > LONG_SIDE * 1.1 and reduce < 5:
        reduce += 1
        side = (side + 1) // 2
    image.reduce = reduce


def _refuse_undecodable(pictures: list[Any]) -> None:
    """A page whose picture cannot be decoded is drawn empty: that is no blank page."""
    import pypdfium2 as pdfium  # noqa: PLC0415

    try:
        for picture in pictures:
            picture.get_bitmap(render=False).close()
    except pdfium.PdfiumError:
        raise Refused("undrawn") from None


def _of_picture(image: Any) -> Drawn:
    data, row = memoryview(image.tobytes()), image.width * 3
    rows = [data[line * row : (line + 1) * row] for line in range(image.height)]
    return Drawn(image.width, image.height, 3, rows, True)


def pictures(path: str) -> Iterator[Drawn]:
    """A photo or scan uploaded as one of PICTURES, on white paper; a TIFF's frames are pages."""
    from PIL import Image, ImageOps, ImageSequence  # noqa: PLC0415 - after the limits

    try:
        with Image.open(path, formats=PICTURES) as image:
            frames = getattr(image, "n_frames", 1)
            if image.width * image.height > MAX_PIXELS:
                raise Refused("image_size")
            if frames > MAX_PAGES:
                raise Refused("too_many_pages")
            if frames > 1 and image.format in ("PNG", "WEBP", "AVIF"):
                raise Refused("moving")
            full = image.width
            image.draft("RGB", (LONG_SIDE, LONG_SIDE))
            if image.format == "JPEG2000":
                _reduce(image)
            said = _said(image, image.width / full)
            whole = ImageSequence.Iterator(image) if image.format == "TIFF" else [image]
            for frame in whole:
                if frame.width * frame.height > MAX_PIXELS:
                    raise Refused("image_size")
                upright = ImageOps.exif_transpose(frame)
                drawn = _of_picture(_on_white(upright))
                yield replace(drawn, dpi=said * drawn.width / upright.width if said else None)
    except MemoryError:
        raise Refused("undrawn") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refused("broken") from None


def _said(image: Any, reduced: float) -> float | None:
    """What a picture says of its resolution, where that can be a scanner's; `reduced`: as it is decoded."""
    across, *down = image.info.get("dpi") or (0,)
    likely = LIKELY_DPI[0] <= across <= LIKELY_DPI[1] and all(abs(float(other) - float(across)) < 1 for other in down)
    return float(across) * reduced if likely else None


def _on_white(image: Any) -> Any:
    """RGB no larger than a scan at 300 dpi."""
    from PIL import Image  # noqa: PLC0415

    if image.mode in ("I;16", "I;16B", "I"):
        image = image.point(lambda value: value / 257).convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image.thumbnail((LONG_SIDE, LONG_SIDE))
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        white.alpha_composite(image)
        image = white
    image = image.convert("RGB")
    image.thumbnail((LONG_SIDE, LONG_SIDE))
    return image
