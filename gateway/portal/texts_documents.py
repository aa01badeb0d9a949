"""English for the words of 审批单核验: its pages and its scripts."""

DOCUMENTS: dict[str, str] = {
    # pages
    "审批单核验": "Form verification", "核验记录": "Scans", "上传核验": "Verify a scan", "已签发单据": "Issued forms",
    "核验结果": "Verdict", "申请单号": "Form number", "可只填开头": "Its beginning is enough", "版次": "Revision",
    "单据种类": "Kind of form", "上传时间": "Uploaded", "上传人": "Uploaded by",
    "仅本人上传": "Mine only", "问题数": "Findings", "核验时间": "Judged", "判定人": "Decided by",
    "判定依据": "Grounds", "查看结果": "Result", "扫描件": "Scan", "签发时间": "Issued", "页数": "Pages",
    "校验码": "Check code", "签发人": "Issued by", "被替代时间": "Superseded", "下载": "Download", "核验": "Verify",
    "人工判定": "Decide", "判定结果": "Decision", "已判定": "Decided",
    "请先将扫描件与原件逐项对照。判定由您负责，姓名、时间和依据将随核验记录保存，不能撤销。":
        "Compare the scan with the original first. The decision is yours: it is kept with name, time and grounds.",
    # choices
    "看不清": "Unclear",
    # scripts
    "比对页数": "Pages compared", "比对字符数": "Characters compared", "有效公章": "Good seals",
    "{count} 枚": "{count}",
    "实测分辨率": "Resolution", "程序结论": "Program's verdict", "判定时间": "Decided at",
    "通过：内容与签发的单据一致，公章齐全": "Passed: same content as issued, seal found",
    "不一致：发现 {count} 处问题": "Differs: {count} findings",
    "看不清：有 {count} 处不能确认。请按提示重新扫描，或由另一位有权限的人员对照原件判定":
        "Unclear: {count} places are not certain. Scan again as advised, or let a second person decide",
    "无法处理：{reason}": "Refused: {reason}", "{name} 已判定：{outcome}": "{name} decided: {outcome}",
    "核验进度": "Progress", "正在排队，各单位轮流核验…": "Waiting; units are served in turn…",
    "正在逐页核验：第 {done} / {total} 页": "Verifying: page {done} of {total}",
    "可以离开此页，核验会在后台完成，结果在“核验记录”中查看。":
        "You may leave this page. The verdict will stand under “Scans”.",
    "下载原件": "Original", "下载扫描件": "Scan", "第 {page} 页（{count}）": "Page {page} ({count})",
    "页面图像": "Pictures", "与原件对照": "Beside the original", "放大": "Enlarge", "缩小": "Reduce",
    "快捷键 J K + - [ ] D": "Keys J K + - [ ] D",
    "J、K 前后一条问题；+、- 缩放；[、] 翻页；D 判定":
        "J, K: next and previous finding; +, -: zoom; [, ]: turn the page; D: decide",
    "扫描件第 {page} 页": "Scan, page {page}", "原件第 {page} 页": "Original, page {page}",
    "发现的问题": "Findings", "请选择扫描件": "Choose the scan", "请输入申请单号": "Enter the form's number",
    "单据": "Form", "单据上的编号；可只输入开头后选择": "Printed on every page; type its beginning and choose",
    "核对打印、签字、盖章后的扫描件与签发的单据是否逐字一致、公章是否齐全。此处核验不改变审批状态。":
        "Compares the scan of the signed and sealed paper with what was issued. It moves no approval.",
    "PDF、JPEG 或 PNG，300 dpi 彩色扫描，不超过 60 MB，页序和方向不限":
        "PDF, JPEG or PNG, 300 dpi colour, 60 MB at most; any order and turn of pages",
    "开始核验": "Verify",
    # 原因统计
    "原因统计": "Causes", "人工判定通过": "Overridden", "人工判定不一致": "Upheld", "待判定": "Undecided",
    "不一致后重传通过": "Passed later", "判定通过占比（%）": "Overridden, %",
    "同一扫描件有多种原因时各计一次。“判定通过占比”高的原因说明规则可能误报，请联系运维调整。":
        "A scan with several causes counts for each. A cause that is often overridden may accuse wrongly.",
    # 预留印鉴
    "预留印鉴": "Registered seals", "印鉴": "Seal", "印鉴名称": "Text of the seal", "在用日期": "Valid on",
    "启用日期": "First day", "停用日期": "Last day",
    "登记印鉴": "Register a seal", "三枚印迹": "Three impressions", "查看印鉴": "Look", "复核": "Confirm",
    "复核结果": "Decision", "已停用": "Ended", "该日仍可用": "Still valid on it",
    "印章上环绕的文字，如“东江市供电公司”": "What stands round the seal",
    "留空为长期有效": "Empty: until it is ended", "已提交，正在读取印迹": "Sent; the impressions are being read",
    "请在白纸上清晰盖印三次（间距 5 毫米以上），以 300 dpi 彩色扫描为 PDF 上传；读取后由另一位有权限的人员复核。":
        "Press the seal three times on white paper, 5 mm apart, and scan it in colour at 300 dpi to PDF."
        " Somebody else confirms it then.",
    "请将三枚印迹与印章实物或备案印模逐一对照。复核后，该单位盖章回传的单据将与此印鉴自动比对。":
        "Compare the three impressions with the seal itself. Once confirmed, the unit's sealed forms are compared"
        " with it.",
    "停用后不能恢复；换发的新章请重新登记。": "It cannot be undone; register a renewed seal anew.",
    "待复核": "To be confirmed",
    "长期有效": "Until ended",
    "停用人": "Ended by", "停用时间": "Ended at", "停用原因": "Reason", "正在读取三枚印迹…": "Reading the impressions…",
    "不可用：{reason}": "Unusable: {reason}", "请核对三枚印迹后复核": "Compare the three impressions, then confirm",
    "等待另一位有权限的人员复核": "Waits for somebody else to confirm it",
    "第 {number} 枚印迹": "Impression {number}", "印鉴比对": "Seal compared",
}
