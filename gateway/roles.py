"""Who may do what: the one table of roles and permissions (GTW-02).

A person may do what his roles hold, within the subtree of his unit. Services receive the resulting permission list
in the signed actor and check it, and the subtree, once more.
"""

from collections.abc import Iterable

from kernel.contracts.words import vocabulary
from kernel.model.unit import Level

VIEWER = frozenset({"card.view", "report.view", "job.view"})
COUNTY_CLERK = VIEWER | {
    "card.issue",
    "card.return",
    "card.scrap",
    "card.redirect",
    "activation.apply",
    "termination.county",
    "document.verify",
    "binding.handle",
}
CITY_CLERK = COUNTY_CLERK | {"card.allocate", "activation.city", "termination.city", "binding.settle"}
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
    "terminal.decide",
}
WHOLE_SYSTEM = frozenset({"parking.replay", "limits.set"})
"""What no subtree bounds: only who belongs to a province has it, whatever his role."""
ADMIN = PROVINCE_CLERK | {"people.manage"} | WHOLE_SYSTEM
CARRIER = frozenset({"delivery.push"})
STATION = frozenset({"reading.report", "terminal.report"})

ROLES: dict[str, frozenset[str]] = {
    "viewer": VIEWER,
    "county_clerk": COUNTY_CLERK,
    "city_clerk": CITY_CLERK,
    "province_clerk": PROVINCE_CLERK,
    "admin": ADMIN,
    "carrier": CARRIER,
    "station": STATION,
}

ROLE_NAMES = vocabulary(
    "roles",
    {
        "viewer": ("查询人员", "Viewer"),
        "county_clerk": ("区县卡管理员", "County clerk"),
        "city_clerk": ("市级卡管理员", "City clerk"),
        "province_clerk": ("省级卡管理员", "Province clerk"),
        "admin": ("系统管理员", "Admin"),
        "carrier": ("运营商接口", "Carrier"),
        "station": ("采集主站接口", "Collection master station"),
    },
)

PERMISSION_NAMES = vocabulary(
    "permissions",
    {
        "card.view": ("查询卡片", "See cards"),
        "report.view": ("查看统计", "See statistics"),
        "job.view": ("查看任务与导出", "See jobs and export"),
        "card.issue": ("领用", "Issue cards"),
        "card.return": ("返库", "Return cards to stock"),
        "card.scrap": ("待报废与恢复", "Mark cards for scrap, restore them"),
        "card.redirect": ("待装卡分流", "Redirect pending cards"),
        "card.allocate": ("分卡", "Allocate cards"),
        "delivery.import": ("接收批次", "Take deliveries in"),
        "delivery.inspect": ("检测", "Inspect deliveries"),
        "delivery.stock_in": ("入库与放行", "Stock in and release deliveries"),
        "delivery.push": ("运营商推送批次", "Push deliveries (carriers)"),
        "activation.apply": ("开卡申请-区县", "Apply for cards (county)"),
        "activation.city": ("开卡申请-市", "Applications for cards (city)"),
        "activation.province": ("开卡申请-省", "Applications for cards (province)"),
        "termination.county": ("销卡申请-区县", "Terminations (county)"),
        "termination.city": ("销卡申请-市", "Terminations (city)"),
        "termination.province": ("销卡申请-省", "Terminations (province)"),
        "termination.confirm": ("确认销卡", "Confirm terminations"),
        "document.verify": ("核验申请单", "Verify forms"),
        "document.issue": ("签发申请单", "Issue forms"),
        "document.decide": ("判定核验结果", "Decide verifications"),
        "binding.handle": ("处理绑定异常", "Handle binding exceptions"),
        "binding.settle": ("裁定卡与终端的归属", "Settle contested cards"),
        "terminal.decide": ("裁定终端清单", "Decide held lists of terminals"),
        "terminal.report": ("采集主站上报终端", "Report terminals (stations)"),
        "reading.report": ("采集主站上报抄读", "Report readings (stations)"),
        "audit.view": ("操作审计", "See the audit log"),
        "people.manage": ("人员、单位与密钥", "Manage people, units and keys"),
        "limits.set": ("设置异常天数", "Set the limits of abnormal cards"),
        "parking.replay": ("重放停放事件", "Replay parked events"),
    },
)

PERMISSIONS: frozenset[str] = frozenset().union(*ROLES.values())


def permissions_of(roles: Iterable[str], unit: str) -> frozenset[str]:
    """What somebody with these roles may do at ``unit``; a role this version does not know holds nothing."""
    return at_unit(frozenset().union(*(ROLES.get(role, frozenset()) for role in roles)), unit)


def at_unit(permissions: frozenset[str], unit: str) -> frozenset[str]:
    """Those of ``permissions`` that may be used from ``unit``."""
    return permissions if len(unit) == Level.PROVINCE else permissions - WHOLE_SYSTEM
