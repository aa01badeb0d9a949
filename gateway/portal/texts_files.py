"""English for the look at a file before it is taken."""

FILES: dict[str, str] = {
    "CSV 或 XLSX，ICCID 列请设为文本格式；表头和各列在选择文件后可以核对和修改": (
        "CSV or XLSX, the ICCID column as text; head and columns can be checked and changed once the file is chosen"
    ),
    "CSV、TXT 或 XLSX，一行一个 ICCID": "CSV, TXT or XLSX, one ICCID per row",
    "下载模板（{kind}）": "Template ({kind})",
    "工作表": "Sheet", "{name}（隐藏）": "{name} (hidden)", "（隐藏）": " (hidden)", "表头所在行": "Head in row",
    "第 {row} 行": "Row {row}", "没有表头": "No head", "文件中没有": "Not in the file", "（无表头）": "(no head)",
    "各列对应关系，可以修改": "Which column is which; can be changed", "需要的列": "Wanted column",
    "文件中的列": "Column of the file", "前几个值": "First values",
    "{count} 行被筛选或隐藏：": "{count} rows are hidden:", "跳过": "Skip them", "也读取": "Read them too",
    "至少 {count}": "At least {count}", "文件内容": "What the file holds",
    "数据行数": "Rows", "编码": "Encoding", "制表符分隔": "tab",
}  # fmt: skip
