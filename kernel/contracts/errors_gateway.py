"""Refusals that only the gateway gives."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

register(
    {
        "not_signed_in": Entry(
            Kind.UNAUTHENTICATED, "请先登录", "Log in first, or send a valid access token or API key"
        ),
        "session_ended": Entry(
            Kind.UNAUTHENTICATED,
            "登录已失效，请重新登录",
            "The session has expired or was ended; log in again",
        ),
        "login_failed": Entry(Kind.UNAUTHENTICATED, "用户名或密码不正确", "Wrong login or password"),
        "login_throttled": Entry(
            Kind.TOO_MANY,
            "登录失败次数过多，请 {retry_after} 秒后再试",
            "Too many failed logins; try again in {retry_after} seconds",
        ),
        "route_not_found": Entry(Kind.NOT_FOUND, "没有此地址", "There is nothing at this address"),
        "method_not_allowed": Entry(
            Kind.INVALID, "此地址不支持 {method} 方法", "This address does not support {method}"
        ),
        "media_type_unsupported": Entry(
            Kind.INVALID,
            "请求内容类型应为 {allowed}",
            "The body must be sent as {allowed}",
        ),
        "request_malformed": Entry(Kind.INVALID, "请求无法解析", "The request cannot be parsed"),
        "body_too_large": Entry(
            Kind.TOO_LARGE,
            "内容超过上限 {limit}",
            "The body exceeds the limit of {limit}",
        ),
        "body_too_slow": Entry(
            Kind.INVALID,
            "请求内容发送过慢，已中断，请检查网络后重试",
            "The body came too slowly and was given up; check the network and try again",
        ),
        "head_too_slow": Entry(Kind.INVALID, "请求头发送过慢，连接已关闭", "The head of the request came too slowly"),
        "head_too_large": Entry(
            Kind.INVALID,
            "请求地址与请求头合计超过 {limit} 字节或 {headers} 项",
            "Address and headers together exceed {limit} bytes or {headers} headers",
        ),
        "uploads_too_many": Entry(
            Kind.TOO_MANY,
            "同时上传的文件已达 {limit} 个，请等其中一个完成",
            "{limit} of your uploads are under way; wait until one of them has ended",
        ),
        "upload_file_missing": Entry(
            Kind.INVALID, "请选择要上传的文件（字段 file）", "The multipart field file is missing"
        ),
        "request_in_progress": Entry(
            Kind.CONFLICT,
            "相同幂等键的请求正在处理中，请稍后重试",
            "A request with this Idempotency-Key is still being worked on; try again shortly",
        ),
        "idempotency_key_malformed": Entry(
            Kind.INVALID,
            "Idempotency-Key 应为 8 至 128 个可见字符",
            "Idempotency-Key must have 8 to 128 visible ASCII characters",
        ),
        "precondition_required": Entry(
            Kind.INVALID,
            "修改需要带 If-Match（读取时的 ETag）",
            "Edits need If-Match with the ETag that was read",
        ),
        "person_not_found": Entry(Kind.NOT_FOUND, "用户 {login} 不存在", "There is no person {login}"),
        "api_key_owner_unfit": Entry(
            Kind.CONFLICT,
            "{login} 的单位或权限不足以负责密钥 {prefix}，请选择他人或先授予角色",
            "Unit or rights of {login} do not cover the key {prefix}; choose somebody else, or grant a role first",
        ),
        "login_taken": Entry(Kind.CONFLICT, "登录名 {login} 已被使用", "The login {login} is taken"),
        "role_unknown": Entry(
            Kind.INVALID, "没有角色 {role}，请从角色表中选择", "There is no role {role}; choose one of the list"
        ),
        "role_not_grantable": Entry(
            Kind.FORBIDDEN,
            "不能授予超出自己权限的角色“{role:roles}”",
            "You cannot grant the role {role:roles}: it holds more than you do",
        ),
        "own_account": Entry(
            Kind.CONFLICT, "不能停用或删除自己的账号", "You cannot disable or remove your own account"
        ),
        "password_wrong": Entry(Kind.INVALID, "原密码不正确", "The current password is wrong"),
        "unit_taken": Entry(Kind.CONFLICT, "单位编码 {unit} 已存在", "The unit {unit} exists already"),
        "unit_parent_missing": Entry(
            Kind.INVALID, "上级单位 {parent} 不存在，请先建立", "The unit above, {parent}, does not exist yet"
        ),
        "unit_in_use": Entry(
            Kind.CONFLICT,
            "单位 {unit} 仍有下级单位、人员或接口密钥，不能删除",
            "The unit {unit} still has units below it, people or API keys",
        ),
        "api_key_not_found": Entry(Kind.NOT_FOUND, "没有接口密钥 {prefix}", "There is no API key {prefix}"),
        "permission_unknown": Entry(Kind.INVALID, "没有权限 {permission}", "There is no permission {permission}"),
        "options_unknown": Entry(Kind.NOT_FOUND, "没有选项表 {name}", "There are no options named {name}"),
        "job_id_malformed": Entry(Kind.INVALID, "任务编号 {job_id} 格式不正确", "Malformed job id {job_id}"),
        "file_not_ready": Entry(
            Kind.CONFLICT,
            "文件尚未生成（任务状态：{state:job_states}）",
            "The file is not ready (job state: {state:job_states})",
        ),
        "file_gone": Entry(Kind.NOT_FOUND, "文件已不存在", "The file is no longer kept"),
        "service_unknown": Entry(Kind.NOT_FOUND, "没有服务 {service}", "There is no service {service}"),
    }
)
