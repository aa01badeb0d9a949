"""Migrations of one schema form one line, whoever lands first."""

import re

import pytest

from deploy.migrate import SCHEMAS, migrations_of

_NUMBER = re.compile(r'^revision = "(\d{4})"$', re.MULTILINE)
_BEFORE = re.compile(r'^down_revision = (?:"(\d{4})"|None)$', re.MULTILINE)


@pytest.mark.req("OPS-01")
@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_revisions_of_a_schema_are_one_line(schema: str):
    files = sorted((migrations_of(schema) / "versions").glob("*.py"))
    texts = [path.read_text() for path in files]
    numbers = [_NUMBER.search(text).group(1) for text in texts]

    assert numbers == [path.name[:4] for path in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]
    assert [_BEFORE.search(text).group(1) for text in texts] == [None, *numbers[:-1]]
