"""Refusals that any service or the gateway may give."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

register(
    {
        "request_invalid": Entry(
            Kind.INVALID,
            "请求内容有误，请按各字段的提示修改后重试",
            "The request is not valid; correct the fields named in errors and send it again",
        ),
        "cursor_invalid": Entry(
            Kind.INVALID,
            "翻页位置已失效，请回到第一页",
            "The cursor does not belong to this query; start again from the first page",
        ),
        "sort_unknown": Entry(
            Kind.INVALID, "不能按所选的列排序，请换一列", "The list cannot be sorted by that column; choose another"
        ),
        "unit_malformed": Entry(
            Kind.INVALID,
            "{field:fields}：单位编码“{unit}”应为 2、4、6 或 8 位数字",
            "{field:fields}: unit code {unit} must have 2, 4, 6 or 8 digits",
        ),
        "unit_unknown": Entry(
            Kind.NOT_FOUND, "{field:fields}：单位“{unit}”不存在", "{field:fields}: there is no unit {unit}"
        ),
        "unit_out_of_scope": Entry(
            Kind.FORBIDDEN,
            "{field:fields}：单位“{unit}”不在本单位（{own_unit}）及下级范围内",
            "{field:fields}: unit {unit} lies outside your unit {own_unit}",
        ),
        "month_malformed": Entry(
            Kind.INVALID,
            "{field:fields}：月份“{month}”应写作 YYYY-MM",
            "{field:fields}: month {month} must be written YYYY-MM",
        ),
        "permission_denied": Entry(
            Kind.FORBIDDEN,
            "没有此操作的权限（{permission:permissions}），请联系管理员",
            "You lack the permission {permission:permissions}; ask an administrator",
        ),
        "actor_missing": Entry(
            Kind.UNAUTHENTICATED, "请求没有携带有效身份，请重新登录", "The request carries no valid actor; log in again"
        ),
        "idempotency_key_reused": Entry(
            Kind.CONFLICT,
            "幂等键已用于另一内容的请求，请换一个新的键",
            "This Idempotency-Key was used with another body; use a new key",
        ),
        "version_stale": Entry(
            Kind.CONFLICT,
            "记录已被他人修改，请刷新后重试",
            "Somebody changed the record meanwhile; reload and try again",
        ),
        "deadline_exceeded": Entry(
            Kind.DEADLINE,
            "服务在规定时间内没有答复，请稍后用同一幂等键重试",
            "No answer before the deadline; try again with the same Idempotency-Key",
        ),
        "service_unavailable": Entry(
            Kind.UNAVAILABLE, "服务暂时不可用，请稍后重试", "The service is not available now; try again later"
        ),
        "internal_error": Entry(
            Kind.INTERNAL, "系统内部错误，请提供跟踪号 {trace_id}", "Internal error; quote trace id {trace_id}"
        ),
        "job_not_found": Entry(Kind.NOT_FOUND, "任务 {job_id} 不存在", "There is no job {job_id}"),
        "job_not_cancellable": Entry(
            Kind.CONFLICT,
            "任务已结束（{state:job_states}），不能取消",
            "The job has ended ({state:job_states}) and cannot be cancelled",
        ),
        "job_not_retryable": Entry(
            Kind.CONFLICT,
            "任务（{state:job_states}）没有可以重试的行",
            "The job ({state:job_states}) has no rows that can be tried again",
        ),
        "job_worker_lost": Entry(
            Kind.INTERNAL,
            "任务运行 {attempts} 次均异常中断，请重试或联系管理员",
            "The job's process died {attempts} times; try again or call an administrator",
        ),
        "job_too_long": Entry(
            Kind.INTERNAL,
            "任务运行超过 {seconds} 秒，已终止，请减少数据量后重试",
            "The job ran longer than {seconds} s and was stopped; try again with less data",
        ),
        "job_too_large": Entry(
            Kind.TOO_LARGE,
            "任务占用内存超过限制，已终止，请减少数据量后重试",
            "The job needed more memory than allowed and was stopped; try again with less data",
        ),
        "job_kind_unknown": Entry(
            Kind.INTERNAL, "本版本不支持“{kind}”类任务", "This version does not know jobs of kind {kind}"
        ),
        "read_model_unknown": Entry(
            Kind.NOT_FOUND, "本服务没有数据副本“{model}”", "This service has no read model {model}"
        ),
        "parked_foreign": Entry(
            Kind.CONFLICT,
            "消息 {message_id} 不是由所属服务发出（账号“{account}”），不能重放，只能丢弃并查明来源",
            "Message {message_id} was not sent by its owner (but by {account!r}); drop it, and find its source",
        ),
        "parked_not_found": Entry(Kind.NOT_FOUND, "停放区中没有消息 {message_id}", "No message {message_id} is parked"),
        "export_unknown": Entry(Kind.NOT_FOUND, "没有名为“{resource}”的导出", "There is no export named {resource}"),
        "export_column_unknown": Entry(Kind.INVALID, "导出列“{column}”不存在", "There is no export column {column}"),
    }
)
