"""English of packing, printing labels and scanning them."""

BOXES: dict[str, str] = {
    "装箱与标签": "Boxes and labels", "箱内的卡": "Cards of a box", "扫箱码": "Scan boxes",
    "箱和标签": "Boxes and labels",
    "箱号": "Box", "箱码": "Code", "装箱时间": "Packed", "装箱人": "Packed by", "装箱": "Pack",
    "每箱张数": "Cards per box",
    "按 ICCID 顺序将批次 {batch_no} 的卡分箱，最后一箱装余下的卡。":
        "Batch {batch_no} goes into boxes in the order of its ICCIDs; the last one holds what is left.",
    "标签纸": "Label sheet", "起始位置": "Start at",
    "从第几个标签开始打印：从左到右、从上到下数，用过的标签不再打印":
        "The first free label of the sheet, counted from left to right and down",
    "打印批次标签": "Print the batch's label", "打印全部箱标签": "Print all labels", "打印箱标签": "Print labels",
    "扫码领用": "Issue what was scanned", "扫码分卡": "Allocate what was scanned",
    "每一箱要么全部变更资产单位，要么都不变更。": "Each box moves whole or not at all.",
    "标签": "Label", "批次箱数": "Boxes of the batch", "库存": "In stock",
    "列出其中属于本单位及下级的卡。": "Its cards that are in your units.",
    # the page that scans
    "箱码或批次码": "Code of a box or batch", "请扫描箱标签或批次标签上的二维码": "Scan the QR code of a box or batch",
    "正在查询": "Looking", "可办理": "Ready", "部分成功": "In part", "已转任务": "As a job",
    "{batch} 箱 {number}": "{batch} box {number}", "{batch} 整批": "{batch}, whole batch",
    "第 {row} 行已扫描": "Scanned in row {row}", "没有库存状态的卡": "No card of it is in stock",
    "其中 {count} 张不是库存状态": "{count} of its cards are not in stock", "，": ", ",
    "一次最多办理 {count} 个箱码，请先办理已扫的箱": "At most {count} codes at once; issue or allocate these first",
    "待办理 {boxes} 个箱码，库存卡 {cards} 张": "{boxes} codes to do, {cards} cards in stock",
    "数量很大，由后台任务办理": "Very many cards; a job moves them", "{count} 张": "{count} cards",
    "{reason}：{count} 张": "{reason}: {count} cards", "移除": "Remove", "箱或批次": "Box or batch", "规格": "Kind",
    "号段": "Range", "结果": "Result", "已扫的箱": "Scanned",
    "还没有扫码。将光标放在输入框中，用扫码枪逐箱扫描，然后点击领用或分卡。":
        "Nothing scanned yet. Scan box after box into the field, then issue or allocate them.",
}
