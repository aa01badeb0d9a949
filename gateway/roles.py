"""Who may do what: the one table of roles and permissions (GTW-02).

A person may do what his roles hold, within the subtree of his unit. Services receive the resulting permission list
in the signed actor and check it, and the subtree, once more.
"""

from collections.abc import Iterable

VIEWER = frozenset({"card.view", "report.view", "job.view"})
COUNTY_CLERK = VIEWER | {
    "card.issue",
    "card.return",
    "card.scrap",
    "card.redirect",
    "activation.apply",
    "termination.county",
    "document.verify",
}
CITY_CLERK = COUNTY_CLERK | {"card.allocate", "activation.city", "termination.city"}
PROVINCE_CLERK = CITY_CLERK | {
    "delivery.import",
    "delivery.inspect",
    "delivery.stock_in",
    "audit.view",
    "activation.province",
    "termination.province",
    "termination.confirm",
    "document.issue",
    "document.decide",
}
ADMIN = PROVINCE_CLERK | {"people.manage", "parking.replay"}
CARRIER = frozenset({"delivery.push"})

ROLES: dict[str, frozenset[str]] = {
    "viewer": VIEWER,
    "county_clerk": COUNTY_CLERK,
    "city_clerk": CITY_CLERK,
    "province_clerk": PROVINCE_CLERK,
    "admin": ADMIN,
    "carrier": CARRIER,
}

ROLE_NAMES = {
    "viewer": "查询人员",
    "county_clerk": "区县卡管理员",
    "city_clerk": "市级卡管理员",
    "province_clerk": "省级卡管理员",
    "admin": "系统管理员",
    "carrier": "运营商接口",
}

PERMISSIONS: frozenset[str] = frozenset().union(*ROLES.values())


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """Union of what the roles hold; a role this version does not know holds nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
