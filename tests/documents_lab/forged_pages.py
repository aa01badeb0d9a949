"""Whole pages: missing, doubled, from elsewhere, blank."""

import random

import numpy as np

from services.documents.forms.content import FormContent
from services.documents.forms.issuing import IssuedForm, issue
from tests.documents_lab import paper
from tests.documents_lab.forger import Forgery, _digit, _sheets
from tests.documents_lab.samples import KEY, sample_form

OTHER_SIZES = {"province_opening": 2, "box_labels": 6}


def _other(form: IssuedForm, rng: random.Random) -> IssuedForm:
    """Another form of the same kind."""
    return sample_form(form.layout.kind, 900_000 + rng.randrange(5), OTHER_SIZES.get(form.layout.kind, 12))


def _older(form: IssuedForm, rng: random.Random) -> IssuedForm:
    """An older issue of the same number: one revision less (or more), another telephone number."""
    revision = form.content.revision - 1 or 2
    older: FormContent = form.content.model_copy(
        update={"revision": revision, "phone": _digit(rng, form.content.phone)}
    )
    return issue(older, KEY)


def missing(form: IssuedForm, rng: random.Random) -> Forgery | None:
    sheets = _sheets(form, form.layout, rng)
    if len(sheets) < 2:
        return None
    page = rng.randrange(1, len(sheets))
    del sheets[page]
    return Forgery("page_missing", sheets, page + 1)


def doubled(form: IssuedForm, rng: random.Random) -> Forgery:
    sheets = _sheets(form, form.layout, rng)
    page = rng.randrange(len(sheets))
    sheets.append(sheets[page].copy())
    return Forgery("page_doubled", sheets, page + 1)


def doubled_for_missing(form: IssuedForm, rng: random.Random) -> Forgery | None:
    sheets = _sheets(form, form.layout, rng)
    if len(sheets) < 2:
        return None
    page = rng.randrange(1, len(sheets))
    sheets[page] = sheets[page - 1].copy()
    return Forgery("page_doubled_for_missing", sheets, page + 1)


def foreign(form: IssuedForm, rng: random.Random) -> Forgery:
    """A page exchanged with the same page of another form."""
    sheets = _sheets(form, form.layout, rng)
    other = _other(form, rng)
    theirs = _sheets(other, other.layout, rng)
    page = rng.randrange(min(len(sheets), len(theirs)))
    sheets[page] = theirs[page]
    return Forgery("page_foreign", sheets, page + 1)


def foreign_recoded(form: IssuedForm, rng: random.Random) -> Forgery:
    """Another form's page with our page's code glued on."""
    sheets = _sheets(form, form.layout, rng)
    other = _other(form, rng)
    theirs = _sheets(other, other.layout, rng)
    page = rng.randrange(min(len(sheets), len(theirs)))
    code = form.layout.sheets[page].page_code
    x0, y0, x1, y1 = (
        round(v * paper.MM) for v in (code.x - 1, code.y - 1, code.x + code.side + 1, code.y + code.side + 1)
    )
    theirs[page][y0:y1, x0:x1] = sheets[page][y0:y1, x0:x1]
    sheets[page] = theirs[page]
    return Forgery("page_foreign_recoded", sheets, page + 1)


def older(form: IssuedForm, rng: random.Random) -> Forgery:
    sheets = _sheets(form, form.layout, rng)
    old = _older(form, rng)
    theirs = _sheets(old, old.layout, rng)
    page = rng.randrange(min(len(sheets), len(theirs)))
    sheets[page] = theirs[page]
    return Forgery("page_older", sheets, page + 1)


def extra(form: IssuedForm, rng: random.Random) -> Forgery:
    sheets = _sheets(form, form.layout, rng)
    other = _other(form, rng)
    sheets.append(_sheets(other, other.layout, rng, sealed=False)[-1])
    return Forgery("page_extra", sheets, None)


def blank(form: IssuedForm, rng: random.Random) -> Forgery | None:
    sheets = _sheets(form, form.layout, rng)
    page = rng.randrange(len(sheets))
    sheets[page] = np.full_like(sheets[page], 252)
    return Forgery("page_blank", sheets, page + 1)


def whole_other_form(form: IssuedForm, rng: random.Random) -> Forgery:
    other = _other(form, rng)
    return Forgery("other_form", _sheets(other, other.layout, rng), None)


PAGES = {
    "page_missing": missing,
    "page_doubled": doubled,
    "page_doubled_for_missing": doubled_for_missing,
    "page_foreign": foreign,
    "page_foreign_recoded": foreign_recoded,
    "page_older": older,
    "page_extra": extra,
    "page_blank": blank,
    "other_form": whole_other_form,
}
