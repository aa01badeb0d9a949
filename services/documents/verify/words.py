"""The words of findings in Chinese and English. What the paper itself says, cell names too, stays as it is printed."""

import re
from dataclasses import dataclass

from kernel.contracts.words_documents import FINDING_KINDS


@dataclass(frozen=True, slots=True)
class Words:
    zh: str
    en: str


KINDS: dict[str, Words] = {code: Words(*both) for code, both in FINDING_KINDS.items()}

ENGLISH: dict[str, str] = {
    # places
    "文件": "file", "公章": "seal", "单位公章": "the unit's seal", "标签条码": "the label's code",
    "页面识别码": "page code", "页面空白处": "a blank part of the page",
    "一页上有多个识别码": "several codes on one page",
    # marks
    "污点": "a speck", "装订孔": "a punched hole", "边缘阴影": "the edge's shadow", "折痕": "a fold",
    "订书钉或细线": "a staple or a hair", "页边记号": "a mark in the margin", "浅色污渍": "a faint stain",
    # advice
    "请删去空白页后重新上传": "upload it again without the blank page",
    "请平放纸张、以 300 dpi 彩色重新扫描": "lay the paper flat and scan it again in colour at 300 dpi",
    "请核对此处是否涂改，未涂改的请以 300 dpi 彩色重新扫描":
        "see whether the paper was altered there; if not, scan it again in colour at 300 dpi",
    "请以 300 dpi 彩色重新扫描": "scan it again in colour at 300 dpi",
    "页面识别码无法识别，请检查该页后重新扫描": "the page's code cannot be read: check the page and scan it again",
    "请检查该页是否完整，以 300 dpi 重新扫描": "check that the page is whole and scan it again at 300 dpi",
    "公章须用彩色扫描件判断": "a seal can only be judged on a scan in colour",
    "请重新盖章或以 300 dpi 彩色扫描": "seal it again, or scan it in colour at 300 dpi",
    "请盖在盖章处": "set the seal where it belongs",
    # seals against their specimens
    "大小不同，请对照预留印鉴判定": "of another size; compare it with the registered seal",
    "笔画不同，请对照预留印鉴判定": "its strokes are others; compare it with the registered seal",
    "文字或图案不同，请对照预留印鉴判定": "its lettering or figure is another; compare it with the registered seal",
    "印迹不够清楚，请以 300 dpi 彩色重新扫描，或对照预留印鉴判定":
        "the impression is not clear; scan it again in colour at 300 dpi, or compare it with the registered seal",
    # why something is no seal
    "直线构成的方框或格线，不是圆形公章": "a square or grid of straight lines, not a round seal",
    "公章超出纸边": "the seal reaches over the paper's edge",
    "图形过满，不是公章": "too full for a seal",
    "椭圆形印章，须由人判定": "an oval seal; a person has to decide",
    "外圈不圆": "its ring is not round",
    "外圈不完整": "its ring is not whole",
    "圈内没有公章的文字和图案": "no lettering and figure inside the ring",
    "圈内另有圆圈，不是公章": "another circle inside the ring, as in a postmark or badge, not a seal",
    "圈内有长直线，不是公章": "long straight lines inside the ring, not a seal",
    "圈内文字不沿圆周排列，不是公章": "lettering that does not follow the ring, not a seal",
    "图案各向重复，不是公章": "a figure that repeats all round, not a seal",
    "请删去不属于本单的页后重新上传": "upload it again without the pages that are not this form's",
    # why a file is refused
    "文件不是 PDF，也不是 JPEG、PNG、TIFF、WebP、AVIF 或 JPEG 2000 图片":
        "the file is neither a PDF nor a JPEG, PNG, TIFF, WebP, AVIF or JPEG 2000 picture",
    "文件已加密，请上传未加密的 PDF": "the file is encrypted; upload one that is not",
    "文件已损坏，无法读取": "the file is damaged and cannot be read",
    "文件没有页面": "the file has no pages",
    "页面尺寸异常": "pages of an unusual size",
    "图片尺寸过大": "too large a picture",
    "页面内容过大": "too much content on a page",
    "文件结构过于复杂": "the file is too complex",
    "文件中的图片无法解码，请以 300 dpi 彩色重新扫描为普通 PDF":
        "a picture in the file cannot be decoded; scan it again in colour at 300 dpi as a plain PDF",
    "文件含有可填写的表单域，各软件显示不一，请打印成 PDF 后上传":
        "the file has form fields, which programs show differently; print it to PDF and upload that",
    "文件含有可切换的图层或替代图像，请打印成 PDF 后上传":
        "the file has layers that can be switched, or alternative pictures; print it to PDF and upload that",
    "文件含有不一定显示的批注，请打印成 PDF 后上传":
        "the file has notes that are not always shown; print it to PDF and upload that",
    "不支持 HEIC 照片，请在手机上另存为 JPEG 后上传":
        "HEIC photos cannot be read; save it as JPEG on the phone and upload that",
    "文件是动图，请上传扫描件": "the file is a moving picture; upload a scan",
    "请打印成 PDF 或重新扫描后上传": "print it to PDF or scan it again, and upload that",
    "文件含有脚本或自动动作": "the file has scripts or actions in it",
    "文件内嵌了其他文件": "the file has other files in it",
    "文件末尾附有其他内容": "something else follows the file's end",
    "文件为空": "the file is empty",
    "文件无法处理": "the file cannot be processed",
    "文件处理超时": "the file took too long",
}  # fmt: skip

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), english)
    for pattern, english in (
        (r"编号 (.*) 第 (\d+) 版 第 (\d+) 页", r"number \1, revision \2, page \3"),
        (r"(.*) 旁", r"beside \1"),
        (r"直径 (\d+) 毫米，不是公章的尺寸", r"\1 mm across, not the size of a seal"),
        (r"与 (.*) 第 (\d+) 版扫描件上的是同一次盖印", r"the same impression as on the scan of \1 revision \2"),
        (r"（(.*)）", r"(characters not seen: \1)"),
        (
            r"未看清(.*)，请以 300 dpi 彩色重新扫描，或对照预留印鉴判定",
            r"not seen: \1; scan it again in colour at 300 dpi, or compare it with the registered seal",
        ),
        (r"约 (\d+) dpi", r"about \1 dpi"),
        (r"文件超过 (\d+) 页", r"more than \1 pages"),
        (r"文件超过 (\d+) MB", r"more than \1 MB"),
    )
)


def english(text: str) -> str:
    """A place, an advice or a reason in English; the form's own terms, which stand on the paper, are left alone."""
    if text in ENGLISH:
        return ENGLISH[text]
    for pattern, template in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            return match.expand(template)
    return text
