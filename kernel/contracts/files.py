"""Files of rows (CSV, XLSX): what a person chooses about one, and what one is shown before it is taken.

Rows, columns and lines are counted from 1, as a spreadsheet or an editor shows them.
"""

from typing import Any, Literal

from pydantic import Field

from kernel.contracts.envelope import BlobRef
from kernel.contracts.method import Reply, Request
from kernel.contracts.said import Text, say


class FileChoice(Request):
    """How a file is to be read where it leaves a choice. Everything absent is found out from the file.

    ``sheet``: the name of the sheet, a hidden one too. ``head_row``: row of the head; 0: the file has none.
    ``columns``: declared column > its number in the file; None: the file does not have it.
    ``hidden_rows``: rows that a filter or a person has hidden are read, or left out. A file that has some is refused
    until this is chosen.
    """

    sheet: str | None = Field(default=None, max_length=255)
    head_row: int | None = Field(default=None, ge=0, le=1000)
    columns: dict[str, int | None] = Field(default_factory=dict, max_length=64)
    hidden_rows: Literal["read", "skip"] | None = None


TemplateKind = Literal["csv", "xlsx"]


class LookAtFile(Request):
    """A file in the blob store, before anything is done with it."""

    file: BlobRef
    choice: FileChoice | None = None


class GetTemplate(Request):
    """The file to fill in."""

    kind: TemplateKind = "xlsx"


class FileTemplate(Reply):
    """``content``: base64."""

    name: str
    media_type: str
    content: str


class SheetSeen(Reply):
    """``fits``: it holds the columns asked for."""

    name: str
    hidden: bool
    fits: bool


class ColumnSeen(Reply):
    """One column of the file: its number, head and first values; ``role``: the declared column it was taken for."""

    number: int
    head: str
    values: list[str]
    hidden: bool = False
    role: str | None = None


class ColumnWanted(Reply):
    """One declared column: ``label`` is its head in a template."""

    name: str
    label: str
    required: bool


class FileNote(Reply):
    """Something about the file that a person should know; ``code`` of the error catalogue."""

    code: str
    params: dict[str, Any]
    message: Text

    @classmethod
    def of(cls, code: str, params: dict[str, Any]) -> "FileNote":
        """The note with its text in both languages."""
        return cls(code=code, params=params, message=say(code, params))


class FileLook(Reply):
    """What a file holds, before anything is done with it.

    ``rows``: rows below the head, of which ``hidden_rows`` are hidden; ``rows_are``: exact, or at_least where the file
    was too long to be looked through. ``told``: what is good to know; ``notes``: what a person should heed.
    ``problem``: why it cannot be taken as it is chosen now.
    """

    kind: Literal["csv", "xlsx"]
    encoding: str | None = None
    delimiter: str | None = None
    sheets: list[SheetSeen] = Field(default_factory=list)
    sheet: str | None = None
    head_row: int | None = None
    rows: int = 0
    rows_are: Literal["exact", "at_least"] = "exact"
    hidden_rows: int = 0
    wanted: list[ColumnWanted] = Field(default_factory=list)
    columns: list[ColumnSeen] = Field(default_factory=list)
    told: list[FileNote] = Field(default_factory=list)
    notes: list[FileNote] = Field(default_factory=list)
    problem: FileNote | None = None
