"""The demo's trade in terminals: organisations in four levels, lists of serials, scans, sales, redemptions, freezes.

Serials are of made-up TACs that begin with 35; the same ones each time, so that running it again adds nothing.
"""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from itertools import islice

from deploy.local.demo_client import Demo, Someone
from kernel.model.iccid import luhn_digit

_SPACE = uuid.UUID("5e7a1c1e-0000-4000-8000-000000000000")
MODELS = (("华星", "HX-200", "35900101"), ("云岭", "Y9 Pro", "35900202"), ("长河", "C5", "35900303"))
"""Maker, model, TAC. None of them exists."""
ORGANISATIONS = (
    ("ZX-99", "省终端管理中心", None, "99"),
    ("XS-9901", "第一销售单位", "ZX-99", "9901"), ("XS-9902", "第二销售单位", "ZX-99", "9902"),
    ("DL-01", "诚信通讯代理", "XS-9901", "990101"), ("DL-02", "远航通讯代理", "XS-9901", "990102"),
    ("DL-03", "光明通讯代理", "XS-9902", "990201"),
    ("MD-01", "人民路门店", "DL-01", "990101"), ("MD-02", "解放路门店", "DL-01", "990101"),
    ("MD-03", "中山路门店", "DL-02", "990102"), ("MD-04", "建设路门店", "DL-03", "990201"),
)  # fmt: skip
POOL, CLAIMED = 240, 180
SHOPS = (("county1", "MD-01", 40, 22), ("county1", "MD-02", 25, 8), ("county2", "MD-03", 30, 15))
"""Clerk, shop, devices that arrive, how many of them are sold bare; after these some go by a terminal subsidy."""
BY_TERMINAL = 4


def _numbers() -> tuple[list[int], list[int]]:
    """Devices with customers, and those that lie in shops."""
    sold: list[int] = []
    kept: list[int] = []
    first = 0
    for _, _, count, bare in SHOPS:
        sold += range(first, first + bare + BY_TERMINAL)
        kept += range(first + bare + BY_TERMINAL, first + count)
        first += count
    return sold, kept


WITH_CUSTOMERS, IN_SHOPS = _numbers()


def serial(number: int) -> str:
    """The demo's device of this number."""
    body = MODELS[number % len(MODELS)][2] + f"{number:06d}"
    return body + luhn_digit(body)


def work(demo: Demo) -> None:
    """All of it, unless it was done."""
    admin = demo.login("admin")
    known = {it["code"] for it in admin.every("serial-organisations")}
    for code, name, parent, unit in ORGANISATIONS:
        if code not in known:
            admin.post("serial-organisations", {"code": code, "name": name, "parent": parent, "unit": unit})
    _lists(demo.login("province"))
    numbers = iter(range(CLAIMED))
    for login, shop, count, sold in SHOPS:
        _trade(demo.login(login), shop, [serial(number) for number in islice(numbers, count)], sold)
    admin.post(
        "serial-freezes",
        {"serials": [serial(number) for number in (60, 61)], "cause": "complaint", "reason": "用户投诉串码与机身不符"},
    )
    _registrations(demo.login("province"))


def _registrations(province: Someone) -> None:
    """Most devices announced themselves where they were sold; one did elsewhere, one at two places at once."""
    day = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) - timedelta(days=1)
    places = [(serial(number), "9901", 0) for number in range(20)]
    places += [(serial(20), "9801", 0), (serial(21), "9901", 0), (serial(21), "9905", 40), (serial(39), "9901", 0)]
    rows = [
        {"serial": one, "registered_at": (day + timedelta(minutes=later)).isoformat(), "place": place}
        for one, place, later in places
    ]
    province.post("serial-registrations", {"rows": rows})
    province.ask("serial-analyses", {"month": f"{day:%Y-%m}"})


def _lists(province: Someone) -> None:
    """The pool's entries, some rows of which are bad, the claim, and what is subsidised elsewhere."""
    if next(province.every("serial-lists"), None) is not None:
        return
    bad = [(serial(9001)[:14] + "0", *MODELS[0][:2]), ("3.59001E+14", *MODELS[0][:2]), (serial(3), *MODELS[0][:2])]
    pool = [(serial(number), *MODELS[number % len(MODELS)][:2]) for number in range(POOL)]
    tacs = "\n".join(["TAC,厂商,型号", *(f"{tac},{maker},{model}" for maker, model, tac in MODELS)])
    province.follow(province.upload("serial-tacs", {}, ("TAC.csv", tacs.encode("utf-8-sig"))))
    pool[CLAIMED] = (pool[CLAIMED][0], "华星", "HX-900")  # it begins with the TAC of another model
    _upload(province, "province_entry", "2026年集采到货", [*pool, *bad], source="erp")
    _upload(province, "claim", "领用单 LY-2026-01", pool[:CLAIMED])
    elsewhere = [(serial(number), "", "") for number in (*range(230, 234), 9100)]
    _upload(province, "national_full", "全国已补贴串码", elsewhere)


def _upload(
    province: Someone, kind: str, document: str, rows: list[tuple[str, str, str]], source: str = "other"
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("串码", "厂商", "型号"), *rows])
    fields = {"kind": kind, "province": "99", "document": document, "source": source}
    accepted = province.upload("serial-lists", fields, (f"{document}.csv", text.getvalue().encode("utf-8-sig")))
    province.follow(accepted)


def _trade(clerk: Someone, shop: str, serials: list[str], sold: int) -> None:
    """A delivery is scanned in, some are sold bare, some are redeemed."""
    _scan(clerk, "serial-scans", shop, serials)
    _scan(clerk, "serial-sales", shop, serials[:sold])
    redeemed = [("airtime", one) for one in serials[: sold // 2]]
    redeemed += [("terminal", one) for one in serials[sold : sold + BY_TERMINAL]]
    for kind, one in redeemed:
        verdict = clerk.ask("serial-redemptions/check", {"kind": kind, "serials": [one], "organisation": shop})
        if verdict["allowed_count"]:
            order = {"kind": kind, "serial": one, "organisation": shop, "order_no": f"DD-{one[-7:]}"}
            clerk.post("serial-redemptions", order)


def _scan(clerk: Someone, path: str, shop: str, serials: list[str]) -> None:
    scan = uuid.uuid5(_SPACE, f"{path} {shop} {serials[0]}")
    clerk.post(path, {"serials": serials, "organisation": shop, "client_id": str(scan)})
