"""审批单核验: scans of sealed paper with their verdicts, and the forms that were issued (DOC-03, DOC-05)."""

from gateway.portal.pages.fields import UNIT
from gateway.portal.spec import Action, Column, Field, Page

_NUMBER = Field("number", "申请单号", hint="可只填开头")
_NUMBER_COLUMN = Column("number", "申请单号", width=232, fixed=True, copy=True)
_REVISION_COLUMN = Column("revision", "版次", "number", width=70)
_KIND_COLUMN = Column("kind", "单据种类", "choice", width=180, options="issued_form_kinds")
_UNIT_COLUMN = Column("unit_name", "单位", width=170)
_ORIGINAL = "/issued-forms/{number}/revisions/{revision}/file"

SCANS = Page(
    "scans",
    "审批单核验",
    tab="核验记录",
    source="/scans",
    row_key="id",
    filters=(
        _NUMBER,
        Field("outcome", "核验结果", "select", options="scan_outcomes"),
        UNIT,
        Field("uploaded_from", "上传时间", "dates", until="uploaded_to"),
        Field("mine", "仅本人上传", "select", options="yes_no"),
    ),
    columns=(
        Column("number", "申请单号", width=232, fixed=True, copy=True, drill="scan?id={id}"),
        _REVISION_COLUMN,
        _KIND_COLUMN,
        _UNIT_COLUMN,
        Column("outcome", "核验结果", "tag", width=106, options="scan_outcomes"),
        Column("findings_count", "问题数", "number", width=86),
        Column("uploaded_by_name", "上传人", width=100),
        Column("uploaded_at", "上传时间", "time", width=156, sort="id"),
        Column("judged_at", "核验时间", "time", width=156),
        Column("decided_by_name", "判定人", width=100),
        Column("remark", "判定依据", width=180),
    ),
    actions=(
        Action("查看结果", needs="row", opens="scan?id={id}"),
        Action("扫描件", needs="row", download="/scans/{id}/file"),
    ),
    sort="-id",
    export="scans",
)

UPLOAD = Page("scan-upload", "上传核验", "document.verify", tab="上传核验", tab_of="scans", component="scan-upload")

FORMS = Page(
    "issued-forms",
    "已签发单据",
    tab="已签发单据",
    tab_of="scans",
    source="/issued-forms",
    row_key="id",
    filters=(
        _NUMBER,
        Field("kind", "单据种类", "select", options="issued_form_kinds"),
        Field("state", "状态", "select", options="issued_form_states"),
        UNIT,
        Field("issued_from", "签发时间", "dates", until="issued_to"),
    ),
    columns=(
        _NUMBER_COLUMN,
        _REVISION_COLUMN,
        _KIND_COLUMN,
        _UNIT_COLUMN,
        Column("state", "状态", "tag", width=100, options="issued_form_states"),
        Column("pages", "页数", "number", width=76),
        Column("check_code", "校验码", width=196, copy=True),
        Column("issued_by_name", "签发人", width=100),
        Column("issued_at", "签发时间", "time", width=156, sort="id"),
        Column("superseded_at", "被替代时间", "time", width=156, hidden=True),
    ),
    actions=(
        Action("下载", needs="row", download=_ORIGINAL, can="download"),
        Action(
            "核验", needs="row", opens="scan-upload?number={number}&revision={revision}", can="verify",
        ),
    ),
    sort="-id",
    export="issued-forms",
)

_SEAL_STATE = Field("state", "状态", "select", options="seal_states")
REGISTER_SEAL = Action(
    "登记印鉴", "/seals",
    fields=(
        Field("unit", "单位", "tree", options="units", required=True, default="$unit"),
        Field("name", "印鉴名称", required=True, max_length=60, hint="印章上环绕的文字，如“东江市供电公司”"),
        Field("valid_from", "启用日期", "date", required=True, default="$today"),
        Field("valid_to", "停用日期", "date", hint="留空为长期有效"),
        Field("file", "三枚印迹", "file", required=True, accept=".pdf,.png,.jpg,.jpeg,.tif,.tiff"),
    ),
    note="请在白纸上清晰盖印三次（间距 5 毫米以上），以 300 dpi 彩色扫描为 PDF 上传；读取后由另一位有权限的人员复核。",
    success="已提交，正在读取印迹",
    kind="primary",
    answer="job",
)  # fmt: skip

SEALS = Page(
    "seals",
    "审批单核验",
    tab="预留印鉴",
    tab_of="scans",
    source="/seals",
    row_key="id",
    filters=(
        Field("name", "印鉴名称"),
        _SEAL_STATE,
        UNIT,
        Field("valid_on", "在用日期", "date"),
    ),
    columns=(
        Column("name", "印鉴名称", width=220, fixed=True, drill="seal?id={id}"),
        _UNIT_COLUMN,
        Column("state", "状态", "tag", width=100, options="seal_states"),
        Column("valid_from", "启用日期", "date", width=110),
        Column("valid_to", "停用日期", "date", width=110),
        Column("registered_by_name", "登记人", width=100),
        Column("registered_at", "登记时间", "time", width=156, sort="id"),
        Column("decided_by_name", "复核人", width=100),
        Column("decided_at", "复核时间", "time", width=156),
    ),
    toolbar=(REGISTER_SEAL,),
    actions=(Action("查看印鉴", needs="row", opens="seal?id={id}"),),
    sort="-id",
    export="seals",
)

CAUSES = Page(
    "scan-causes",
    "审批单核验",
    tab="原因统计",
    tab_of="scans",
    source="/statistics/scan-causes",
    row_key="code",
    paged=False,
    filters=(
        UNIT,
        Field("kind", "单据种类", "select", options="issued_form_kinds"),
        Field("uploaded_from", "上传时间", "dates", until="uploaded_to"),
    ),
    columns=(
        Column("code", "原因", "choice", width=260, fixed=True, options="finding_kinds"),
        Column("scans", "扫描件", "number", width=90),
        Column("differs", "不一致", "number", width=90),
        Column("unclear", "看不清", "number", width=90),
        Column("refused", "无法处理", "number", width=90),
        Column("overridden", "人工判定通过", "number", width=120),
        Column("upheld", "人工判定不一致", "number", width=130),
        Column("waiting", "待判定", "number", width=90),
        Column("passed_later", "不一致后重传通过", "number", width=150),
        Column("overridden_percent", "判定通过占比（%）", "number", width=150),
    ),
    hint="同一扫描件有多种原因时各计一次。“判定通过占比”高的原因说明规则可能误报，请联系运维调整。",
    export="statistics/scan-causes",
)

DECIDE_SEAL = Action(
    "复核", "/seals/{id}/decision", needs="row", can="decide", kind="primary",
    fields=(
        Field("decision", "复核结果", "select", options="seal_decisions", required=True),
        Field("remark", "复核说明", "textarea", required=True, max_length=500),
    ),
    note="请将三枚印迹与印章实物或备案印模逐一对照。复核后，该单位盖章回传的单据将与此印鉴自动比对。",
    success="已复核",
)  # fmt: skip
END_SEAL = Action(
    "停用", "/seals/{id}/end", needs="row", can="end", kind="danger",
    fields=(
        Field("valid_to", "停用日期", "date", required=True, default="$today", hint="该日仍可用"),
        Field("reason", "原因", "textarea", required=True, max_length=500),
    ),
    note="停用后不能恢复；换发的新章请重新登记。",
    success="已停用",
)  # fmt: skip

SEAL = Page("seal", "印鉴", "card.view", tab_of="scans", component="seal", actions=(DECIDE_SEAL, END_SEAL))

DECIDE = Action(
    "人工判定", "/scans/{id}/decision", needs="row", can="decide", kind="primary",
    fields=(
        Field("verdict", "判定结果", "select", options="scan_decisions", required=True),
        Field("remark", "判定依据", "textarea", required=True, max_length=500),
    ),
    note="请先将扫描件与原件逐项对照。判定由您负责，姓名、时间和依据将随核验记录保存，不能撤销。",
    success="已判定",
)  # fmt: skip

SCAN = Page("scan", "核验结果", "card.view", tab_of="scans", component="scan", actions=(DECIDE,))

PAGES = (SCANS, UPLOAD, FORMS, SEALS, CAUSES, SCAN, SEAL)
