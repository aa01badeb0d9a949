"""MSISDNs have one form: the national number, digits only. +86, 86, 0086, blanks and hyphens are ways to write it."""

import re
import unicodedata

from kernel.model.written import HYPHENS, bare

_NOISE = re.compile(rf"[\s{re.escape(HYPHENS)}()]+")
_COUNTRY = re.compile(r"^(?:\+86|0086|86(?=(?:1\d{10}|1\d{12})$))(?=\d)")
_COUNTRY_BEGUN = re.compile(r"^(?:\+86|0086|86)(?=\d)")


def _narrow(raw: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", bare(raw)))


def normalise_msisdn(raw: str) -> str:
    """The one form of a whole number; what is no number comes back without blanks only, for the caller to refuse."""
    return _COUNTRY.sub("", _narrow(raw)).removeprefix("+")


def searched_msisdn(raw: str) -> str:
    """How the one form begins, of the beginning of a number in any spelling. No Chinese number begins with 86."""
    return _COUNTRY_BEGUN.sub("", _narrow(raw)).removeprefix("+")
