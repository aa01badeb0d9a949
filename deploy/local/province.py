"""The demo province: an invented one, so that no real company's name stands in a demo.

Only what has to be there before anybody can log in is seeded here (units, people, one carrier's key); everything else
of the demo arrives through the public interfaces.
"""

from __future__ import annotations

from typing import Any

UNITS = {
    "99": "示范省电力公司",
    "9901": "东江市供电公司",
    "990101": "东江城区供电公司",
    "99010101": "东江城东供电所",
    "99010102": "东江城西供电所",
    "990102": "青石县供电公司",
    "990103": "白沙县供电公司",
    "990104": "云溪县供电公司",
    "9902": "西岭市供电公司",
    "990201": "西岭城区供电公司",
    "990202": "长桥县供电公司",
    "990203": "龙泉县供电公司",
    "9903": "南湖市供电公司",
    "990301": "南湖城区供电公司",
    "990302": "芦荡县供电公司",
    "990303": "望海县供电公司",
    "9904": "云岭市供电公司",
    "990401": "云岭城区供电公司",
    "9905": "平湾市供电公司",
    "990501": "平湾城区供电公司",
    "9906": "海屿市供电公司",
    "990601": "海屿城区供电公司",
    "9907": "松谷市供电公司",
    "990701": "松谷城区供电公司",
}

_NAMES = ("李晓燕", "张志强", "刘芳", "陈思远", "赵敏", "孙立平", "周海涛", "吴静", "郑国华", "冯雪", "蒋勇", "韩梅")


def people() -> list[dict[str, Any]]:
    """Logins of the demo: admin, province, viewer, city1..7, county1..14 in the order of their units' codes."""
    found: list[dict[str, Any]] = [
        {"login": "admin", "name": "系统管理员", "unit": "99", "roles": ["admin"]},
        {"login": "province", "name": "王建国", "unit": "99", "roles": ["province_clerk"]},
        {"login": "viewer", "name": "钱文", "unit": "99", "roles": ["viewer"]},
    ]
    names = iter(_NAMES * 2)
    for level, length, role in (("city", 4, "city_clerk"), ("county", 6, "county_clerk")):
        codes = sorted(code for code in UNITS if len(code) == length)
        found += [
            {"login": f"{level}{number}", "name": next(names), "unit": code, "roles": [role]}
            for number, code in enumerate(codes, 1)
        ]
    return found


def seed(password: str, push_key: str) -> dict[str, Any]:
    """The file for `python -m gateway.seed`. `push_key`: with it the demo's China Mobile pushes deliveries."""
    return {
        "units": [{"code": code, "name": name} for code, name in UNITS.items()],
        "people": [{**person, "password": password} for person in people()],
        "api_keys": [
            {
                "name": "中国移动推送（演示）",
                "unit": "99",
                "permissions": ["delivery.push"],
                "carrier": "china_mobile",
                "key": push_key,
            }
        ],
    }
