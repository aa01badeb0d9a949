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
FILE_FAULTS = vocabulary(
    "file_faults",
    {
        "archive_damaged": ("压缩包损坏", "damaged archive"),
        "encrypted": ("文件已加密", "it is encrypted"),
        "too_many_parts": ("压缩包条目过多", "too many parts in the archive"),
        "too_many_sheets": ("工作表过多", "too many sheets"),
        "content_damaged": ("内容损坏", "damaged content"),
        "text_table_damaged": ("文本表损坏", "damaged table of texts"),
        "has_dtd": ("含有 XML 文档类型定义", "it has an XML document type"),
        "not_text": ("不是文本文件", "it is no text"),
        "line_too_long": ("有一行过长", "a line is too long"),
        "gone": ("文件已不在库中，请重新上传", "it is no longer in the store; upload it again"),
    },
)
"""Why a file of rows cannot be read."""
FILE_MEASURES = vocabulary(
    "file_measures",
    {
        "rows": ("行数", "rows"),
        "unpacked": ("解压后", "unpacked"),
        "compression": ("压缩比", "compression"),
        "texts": ("文本", "texts"),
        "memory": ("内存", "memory"),
    },
)
"""What of a file is limited."""
