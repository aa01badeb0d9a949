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
        "seal_not_found": Entry(
            N, "预留印鉴不存在，或不在您的单位范围内", "There is no such seal in your unit's scope"
        ),
        "seal_own_registration": Entry(
            F,
            "登记人不能复核自己登记的印鉴，请由另一位有权限的人员复核",
            "You cannot confirm a seal that you registered yourself; somebody else must",
        ),
        "seal_not_waiting": Entry(
            C,
            "只有“待复核”的印鉴可以复核（当前：{state:seal_states}）",
            "Only a seal that waits for it can be confirmed (now: {state:seal_states})",
        ),
        "seal_not_ended": Entry(
            C,
            "只能提前已复核印鉴的停用日期，且不早于启用日期 {first} 的前一天（当前停用日期：{last}）",
            "Only a confirmed seal can be ended, earlier than now ({last}) and not before the day ahead of its first"
            " ({first})",
        ),
        "seal_not_read": Entry(
            BAD, "印鉴读取未完成，请重新登记", "The impressions could not be read to the end; register them again"
        ),
        "seal_impressions_count": Entry(
            BAD,
            "找到 {found} 枚清晰的圆形印迹，需要 {count} 枚；请在白纸上清晰盖印三次，彩色扫描后重新登记",
            "Found {found} clear round impressions instead of {count}; press three on white paper, scan them in colour"
            " and register again",
        ),
        "seal_too_coarse": Entry(
            BAD,
            "扫描分辨率不足或未注明（{found}），请以 300 dpi 彩色扫描为 PDF 后重新登记",
            "The scan is too coarse or does not say its resolution ({found}); scan in colour at 300 dpi to PDF and"
            " register again",
        ),
        "seal_file_refused": Entry(BAD, "文件无法处理：{reason}", "The file cannot be processed: {reason}"),
        "seal_impressions_differ": Entry(
            BAD,
            "第 {first} 枚与第 {other} 枚不是同一印鉴，或有一枚不清晰；请重新盖印三次",
            "Impressions {first} and {other} are not of one seal, or one is not clear; press three again",
        ),
        "seal_impressions_repeated": Entry(
            BAD,
            "第 {first} 枚与第 {other} 枚是同一次盖印的复制，请分别盖印三次",
            "Impressions {first} and {other} are copies of one; press the seal three times",
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
        "label_start_beyond": Entry(
            BAD,
            "该标签纸每张只有 {places} 个标签，不能从第 {value} 个开始",
            "A sheet has {places} labels; there is no place {value} to start at",
        ),
    }
)
