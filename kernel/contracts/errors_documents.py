"""Refusals of documents: forms that cannot be issued, scans that cannot be taken or decided."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

BAD, N, C, F = Kind.INVALID, Kind.NOT_FOUND, Kind.CONFLICT, Kind.FORBIDDEN

register(
    {
        "issued_form_not_found": Entry(
            N, "申请单 {number} 不存在，或不在您的单位范围内", "There is no form {number} in your unit's scope"
        ),
        "form_differs": Entry(
            C,
            "申请单 {number} 第 {revision} 版已按其他内容签发，不能更改；内容有变请签发新的版次",
            "Form {number} revision {revision} was issued with other content; issue a new revision instead",
        ),
        "form_number_taken": Entry(
            C,
            "编号 {number} 已用于另一单位、另一种申请单，或审批流程中的申请单",
            "The number {number} belongs to a form of another unit or kind, or to one under approval",
        ),
        "form_not_drawn": Entry(
            C,
            "申请单 {number} 尚未签发完成，请稍后再试",
            "Form {number} is still being issued; try again shortly",
        ),
        "form_not_sealed": Entry(
            C,
            "“{kind:issued_form_kinds}”不需要盖章回传，无法核验",
            "Forms of kind {kind:issued_form_kinds} are not sealed, so there is no scan to verify",
        ),
        "form_key_missing": Entry(
            Kind.INTERNAL,
            "系统未设置申请单签名密钥（SIMKEEP_FORM_PRIVATE_KEY），请联系管理员",
            "The key that signs forms is not set (SIMKEEP_FORM_PRIVATE_KEY)",
        ),
        "check_throttled": Entry(
            Kind.TOO_MANY,
            "查询过于频繁，请 {retry_after} 秒后再试",
            "Too many checks; try again in {retry_after} seconds",
        ),
        "scan_not_found": Entry(
            N, "核验记录不存在，或不在您的单位范围内", "There is no such scan in your unit's scope"
        ),
        "scan_not_unclear": Entry(
            C,
            "只有结果为“看不清”且尚未判定的核验可以人工判定（当前：{outcome:scan_outcomes}）",
            "Only an unclear scan that nobody has decided can be decided (now: {outcome:scan_outcomes})",
        ),
        "scan_own_upload": Entry(
            F,
            "上传人不能判定自己上传的回传单，请由另一位有权限的人员判定",
            "You cannot decide a scan that you uploaded yourself; somebody else must",
        ),
    }
)
