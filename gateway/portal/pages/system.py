"""系统管理: people and units, the audit log, parked events, jobs and their files (GTW-02, GTW-03)."""

from gateway.portal.spec import Action, Column, Field, Page

HOME = Page("home", "首页", "card.view", component="dashboard")
JOBS = Page("jobs", "导出中心与任务", "job.view", component="jobs")

_PERSON = (
    Field("name", "姓名", required=True, max_length=50),
    Field("unit", "供电单位", "tree", options="units", required=True),
    Field("roles", "角色", "checks", options="roles", required=True, multiple=True),
    Field("phone", "联系电话", max_length=30),
)

PEOPLE = Page(
    "people",
    "人员与单位",
    tab="人员",
    source="/people",
    row_key="login",
    filters=(Field("unit", "供电单位", "tree", options="units"), Field("name", "姓名"), Field("login", "登录名")),
    columns=(
        Column("login", "登录名", width=140, fixed=True),
        Column("name", "姓名", width=120),
        Column("unit_name", "供电单位", width=200),
        Column("roles", "角色", "list", width=200, options="roles"),
        Column("phone", "联系电话", width=140),
        Column("active", "状态", "tag", width=90, options="active_states"),
        Column("last_login_at", "最近登录", "time", width=156),
    ),
    toolbar=(
        Action(
            "新建人员", "/people", kind="primary", success="新增成功",
            fields=(
                Field("login", "登录名", required=True, max_length=50),
                *_PERSON,
                Field("password", "初始密码", "password", required=True, hint="至少 10 位"),
            ),
        ),
    ),
    actions=(
        Action(
            "修改", "/people/{id}", method="PATCH", fields=_PERSON, needs="row",
            load="/people/{id}", etag=True,
        ),
        Action(
            "重置密码", "/people/{id}", method="PATCH", needs="row", load="/people/{id}",
            etag=True, fields=(Field("password", "新密码", "password", required=True, hint="至少 10 位"),),
        ),
        Action(
            "停用", "/people/{id}", method="PATCH", needs="row", kind="danger",
            load="/people/{id}", etag=True, data={"active": False}, can="disable",
            confirm="停用 {name}（{login}）？该账号立即无法登录，其接口密钥同时作废（需要保留的请先转交）。",
        ),
        Action(
            "启用", "/people/{id}", method="PATCH", needs="row", load="/people/{id}",
            etag=True, data={"active": True}, can="enable", confirm="启用 {name}（{login}）？",
        ),
    ),
)

UNITS = Page(
    "units",
    "单位",
    "people.manage",
    tab="单位",
    tab_of="people",
    component="units",
    actions=(
        Action(
            "新建下级", "/units", needs="row", success="新增成功",
            note="上级单位：{name}（{code}）",
            fields=(
                Field("code", "单位编码", required=True, max_length=8, hint="上级编码后加两位数字"),
                Field("name", "单位名称", required=True, max_length=100),
            ),
        ),
        Action(
            "改名", "/units/{code}", method="PATCH", needs="row", load="/units/{code}",
            etag=True, fields=(Field("name", "单位名称", required=True, max_length=100),),
        ),
        Action(
            "删除", "/units/{code}", method="DELETE", needs="row", kind="danger",
            load="/units/{code}", etag=True, confirm="删除单位 {name}（{code}）？", success="删除成功",
        ),
    ),
)

API_KEYS = Page(
    "api-keys",
    "接口密钥",
    tab="接口密钥",
    tab_of="people",
    source="/api-keys",
    row_key="prefix",
    hint="供其他系统调用接口。密钥只在新建时显示一次；作废后立即失效，不能恢复。",
    columns=(
        Column("name", "名称", width=180, fixed=True),
        Column("prefix", "密钥前缀", width=120),
        Column("unit_name", "供电单位", width=180),
        Column("permissions", "权限", "list", width=260, options="permissions"),
        Column("carrier", "运营商", "choice", width=110, options="carriers"),
        Column("owner", "负责人", width=110),
        Column("created_by", "创建人", width=110),
        Column("created_at", "创建时间", "time", width=156),
        Column("expires_at", "有效期至", "time", width=156),
        Column("last_used_at", "最近使用", "time", width=156),
        Column("revoked_at", "作废时间", "time", width=156),
    ),
    toolbar=(
        Action(
            "新建密钥", "/api-keys", kind="primary", answer="secret",
            note="只能授予自己拥有的权限；运营商推送的密钥须选择运营商。",
            fields=(
                Field("name", "名称", required=True, max_length=100),
                Field("unit", "供电单位", "tree", options="units", required=True, default="$unit"),
                Field("permissions", "权限", "checks", options="permissions", required=True, multiple=True),
                Field("carrier", "运营商", "select", options="carriers"),
                Field("expires_at", "有效期至", "date"),
            ),
        ),
    ),
    actions=(
        Action(
            "转交", "/api-keys/{prefix}/owner", needs="row", can="pass_on", permission="people.manage",
            fields=(Field("login", "新负责人（登录名）", required=True, max_length=50),),
            note="密钥随负责人停用或删除而作废。新负责人的单位和权限须包含密钥的单位和权限。",
        ),
        Action(
            "作废", "/api-keys/{prefix}", method="DELETE", needs="row", kind="danger", can="revoke",
            confirm="作废密钥 {name}（{prefix}）？使用它的系统立即无法访问。",
        ),
    ),
)

FAILED_LOGINS = Page(
    "failed-logins",
    "登录失败",
    "people.manage",
    tab="登录失败",
    tab_of="people",
    source="/failed-logins",
    row_key="id",
    hint="本单位及下级人员的登录失败。同一地址连续失败会被暂停，本人曾成功登录过的地址不受他人影响。",
    filters=(
        Field("login", "登录名"),
        Field("address", "来源地址"),
        Field("at_from", "时间", "dates", until="at_to"),
    ),
    columns=(
        Column("at", "时间", "time", width=156, fixed=True),
        Column("login", "登录名", width=140),
        Column("name", "姓名", width=120),
        Column("unit_name", "供电单位", width=200),
        Column("address", "来源地址", width=160),
        Column("status", "结果", "tag", width=140, options="login_refusals"),
    ),
)

PASSWORD = Action(
    "修改密码",
    "/auth/password",
    fields=(
        Field("current_password", "当前密码", "password", required=True),
        Field("password", "新密码", "password", required=True, hint="至少 10 位"),
    ),
    note="修改后所有已登录的窗口都要重新登录。",
)

AUDIT = Page(
    "audit",
    "操作审计",
    source="/audit-log",
    row_key="id",
    filters=(
        Field("unit", "供电单位", "tree", options="units"),
        Field("login", "登录名"),
        Field("action", "操作"),
        Field("subject", "对象"),
        Field("outcome", "结果", "select", options="outcomes"),
        Field("at_from", "时间", "dates", until="at_to"),
    ),
    columns=(
        Column("at", "时间", "time", width=156, fixed=True),
        Column("login", "登录名", width=120),
        Column("name", "姓名", width=100),
        Column("unit_name", "供电单位", width=150),
        Column("action_name", "操作", width=220),
        Column("outcome", "结果", "tag", width=90, options="outcomes"),
        Column("subject", "对象", width=260),
        Column("code", "原因代码", width=180),
        Column("action", "操作代码", width=220, hidden=True),
        Column("address", "来源地址", width=140),
        Column("trace_id", "追踪号", width=290, copy=True),
    ),
)

PARKING = Page(
    "parking",
    "事件停放区",
    source="/parking",
    row_key="id",
    paged=False,
    filters=(
        Field("service", "服务"),
        Field("type", "事件类型"),
        Field("waiting", "含自动重试中", "select", options="yes_no"),
    ),
    hint="多次重试仍失败的事件停放在此，不会丢失。排除原因后可重放。",
    columns=(
        Column("parked_at", "停放时间", "time", width=156, fixed=True),
        Column("service", "服务", width=120),
        Column("type", "事件类型", width=200),
        Column("attempts", "尝试次数", "number", width=96),
        Column("next_try_at", "下次重试", "time", width=156),
        Column("error", "最后错误", width=420),
    ),
    actions=(
        Action(
            "重放", "/parking/{service}/{message_id}/replay", needs="row",
            confirm="重放该事件？", success="已重放",
        ),
        Action(
            "丢弃", "/parking/{service}/{message_id}/drop", needs="row", kind="danger",
            confirm="丢弃该事件？丢弃后不再处理，操作会记入审计。", success="已丢弃",
        ),
    ),
)

PAGES = (HOME, JOBS, PEOPLE, UNITS, API_KEYS, FAILED_LOGINS, AUDIT, PARKING)
