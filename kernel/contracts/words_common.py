"""Words that belong to no one service."""

from kernel.contracts.words import vocabulary

JOB_STATES = vocabulary(
    "job_states",
    {
        "queued": ("排队中", "Queued"),
        "running": ("进行中", "Running"),
        "done": ("已完成", "Done"),
        "failed": ("失败", "Failed"),
        "cancelled": ("已取消", "Cancelled"),
    },
)
OUTCOMES = vocabulary(
    "outcomes",
    {
        "done": ("成功", "Done"),
        "refused": ("被拒绝", "Refused"),
        "failed": ("出错", "Failed"),
        "unknown": ("未知", "Unknown"),
    },
)
YES_NO = vocabulary(
    "yes_no",
    {
        "true": ("是", "Yes"),
        "false": ("否", "No"),
    },
)
ACTIVE_STATES = vocabulary(
    "active_states",
    {
        "true": ("启用", "Enable"),
        "false": ("停用", "Disable"),
    },
)
EXPORT_FORMATS = vocabulary(
    "export_formats",
    {
        "xlsx": ("Excel（XLSX）", "Excel (XLSX)"),
        "csv": ("CSV", "CSV"),
    },
)
LOGIN_REFUSALS = vocabulary(
    "login_refusals",
    {
        "401": ("用户名或密码不正确", "Wrong login or password"),
        "429": ("次数过多，已暂停", "Too many, told to wait"),
    },
)
