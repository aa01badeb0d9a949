"""The colour of every state. Its word, like every other choice, stands in ``kernel.contracts.words_*``."""

from kernel.contracts.words import VOCABULARIES

# Element Plus tag types; the text always stands in the tag as well, colour alone tells nothing to some of us.
TONES: dict[str, str] = {
    "received": "info", "unqualified": "danger", "in_stock": "success", "pending_install": "warning",
    "running": "primary", "pending_scrap": "danger", "terminating": "warning", "terminated": "info",
    "receiving": "info", "inspected": "warning", "stocked_in": "success", "held": "danger",
    "queued": "info", "done": "success", "failed": "danger", "cancelled": "info",
    "drafted": "info", "city_summarised": "primary", "county_reviewing": "warning", "city_reviewing": "warning",
    "city_approved": "success", "submitted_to_city": "primary", "submitted_to_province": "primary",
    "sent_back_by_city": "danger", "sent_back_by_province": "danger", "province_summarised": "primary",
    "province_reviewing": "warning", "submitted_to_internet_department": "success", "completed": "success",
    "dissolved": "info", "verifying": "info", "passed": "success", "differs": "danger", "unclear": "warning",
    "outdated": "info", "listed": "info", "waiting": "warning", "settled": "primary", "answered_done": "success",
    "answered_refused": "danger",
    "current": "success", "superseded": "info", "issuing": "info",
    "open": "warning", "in_hand": "primary", "closed": "success", "added": "success", "changed": "primary",
    "removed": "danger", "stopped": "warning",
    "unclaimed": "info", "claimed": "success", "sold": "primary", "subsidised": "primary", "silent": "warning",
    "frozen": "danger", "damaged": "info", "published": "success", "previewed": "info", "released": "info",
    "granted": "success", "pending": "warning", "approved": "success",
    "revoked": "info", "confirmed": "danger", "dismissed": "info", "proposed": "warning",
    "heard": "primary", "imposed": "danger", "lifted": "info", "rejected": "danger",
    "taken": "success", "dropped": "info", "provisional": "warning",
    "refused": "warning", "unknown": "info", "qualified": "success", "true": "success", "false": "info",
    "replaced": "info", "asked": "warning", "good": "success", "401": "danger", "429": "warning", "short": "warning",
    "lost": "danger", "read": "success", "reading": "info", "unusable": "danger", "to_confirm": "warning",
    "found": "success", "missing": "danger", "moved": "info", "drawn": "warning", "counted": "success",
    "not_issued": "danger", "issued": "warning", "applied": "success", "discarded": "info",
}


def plain_options(lang: str) -> dict[str, list[dict[str, str]]]:
    """All choices that are words of the contracts; units, carriers and the like come from ``/api/v1/options``."""
    return {
        name: [{"value": code, "label": word.en if lang == "en" else word.zh} for code, word in words.items()]
        for name, words in VOCABULARIES.items()
    }
