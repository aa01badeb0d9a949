"""Refusals of files of rows, whoever reads them, and notes on what was corrected in them."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

BAD = Kind.INVALID

register(
    {
        "file_not_readable": Entry(
            BAD,
            "文件不能读取：{reason:file_faults}。请上传 CSV（UTF-8 或 GBK）或 XLSX",
            "The file cannot be read: {reason:file_faults}. Upload CSV (UTF-8 or GBK) or XLSX",
        ),
        "file_kind_refused": Entry(
            BAD,
            "不接受 {kind} 文件，请另存为 CSV 或 XLSX（不含宏）",
            "{kind} files are not accepted; save as CSV or XLSX without macros",
        ),
        "file_too_large": Entry(
            Kind.TOO_LARGE, "文件内容超过上限（{of:file_measures} {limit}）",
            "The file's content exceeds the limit ({of:file_measures} {limit})",
        ),
        "file_too_slow": Entry(
            Kind.TOO_LARGE,
            "文件读取超过 {seconds} 秒，已终止，请拆分文件后重试",
            "Reading the file took longer than {seconds} s and was stopped; split the file and try again",
        ),
        "file_columns_missing": Entry(
            BAD,
            "文件缺少列：{missing}；找到的列：{found}。请修改表头，或在上传时指定各列",
            "Columns are missing: {missing}; found: {found}. Change the head, or choose the columns when uploading",
        ),
        "file_columns_twice": Entry(
            BAD,
            "列“{column}”重复，请只保留一列，或在上传时指定",
            "Column {column} stands twice; keep one of them, or choose one when uploading",
        ),
        "file_column_hidden": Entry(
            BAD,
            "列“{column}”在表格中是隐藏的，请取消隐藏，或在上传时指定该列",
            "Column {column} is hidden in the sheet; show it, or choose it when uploading",
        ),
        "file_rows_hidden": Entry(
            BAD,
            "表格中有 {count} 行被筛选或隐藏，请选择读取还是跳过这些行",
            "{count} rows of the sheet are filtered out or hidden; choose whether to read or to skip them",
        ),
        "file_sheets_several": Entry(
            BAD,
            "工作簿中有 {count} 个工作表含所需的列（{sheets}），请选择一个",
            "{count} sheets of the book hold the columns ({sheets}); choose one",
        ),
        "file_sheet_hidden": Entry(
            BAD,
            "只有隐藏的工作表“{sheet}”含所需的列，请取消隐藏，或在上传时指定该工作表",
            "Only the hidden sheet {sheet} holds the columns; show it, or choose it when uploading",
        ),
        "file_choice_wrong": Entry(
            BAD,
            "所选的工作表、表头行或列“{value}”在文件中不存在或重复，请重新选择",
            "The sheet, head row or column {value} was chosen but is not in the file, or chosen twice; choose again",
        ),
        "file_empty": Entry(BAD, "文件中没有数据行", "The file has no rows"),
        "row_broken": Entry(BAD, "该行列数或格式不正确", "The row has the wrong columns or cannot be read"),
        "cell_error": Entry(
            BAD,
            "“{column}”列是错误值 {value}，请更正后重新上传",
            "Column {column} holds the error value {value}; correct it and upload again",
        ),
        "cell_formula_empty": Entry(
            BAD,
            "“{column}”列是没有结果的公式，请在表格软件中打开并保存，或粘贴为数值后重新上传",
            "Column {column} holds a formula without a value; open and save the file in a spreadsheet, or paste values",
        ),
        "file_cells_cleaned": Entry(
            BAD,
            "{count} 个单元格两端的不可见字符或文本标记（如“{column}”列）已去除",
            "Invisible characters or text marks around {count} cells were taken off (column {column}, for one)",
        ),
        "file_rows_left_out": Entry(
            BAD,
            "{count} 行被筛选或隐藏，未读取",
            "{count} rows that are filtered out or hidden were left out",
        ),
        "file_sheets_hidden": Entry(
            BAD,
            "工作簿中有 {count} 个隐藏的工作表（{sheets}），未读取",
            "{count} hidden sheets of the book ({sheets}) are not read",
        ),
        "file_totals_skipped": Entry(
            BAD, "{count} 行合计未作为数据读取", "{count} lines of sums were not taken for rows"
        ),
        "file_heads_repeated": Entry(
            BAD,
            "{count} 行重复的表头未作为数据读取",
            "{count} lines that repeat the head were not taken for rows",
        ),
        "file_rows_without_values": Entry(
            BAD,
            "{count} 行在所需的各列中没有内容（如签字、页码、只有序号的行），未读取",
            "{count} lines with nothing in the columns (signatures, page numbers, serial numbers alone) were left out",
        ),
        "file_titles_skipped": Entry(
            BAD,
            "开头 {count} 行没有号码，作为标题跳过",
            "The first {count} rows hold no number; they were taken for titles",
        ),
    }
)
