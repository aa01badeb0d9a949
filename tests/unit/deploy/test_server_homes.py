"""Where a private server has its files, and which of them outlive its stop."""

from pathlib import Path

import pytest

from deploy.local import accounts


@pytest.mark.req("OPS-04")
def test_files_that_take_up_memory_go_when_the_tests_are_over_and_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "MEMORY", tmp_path / "memory")
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(accounts, "_memory_to_spare", lambda: True)
    stack = tmp_path / "stack"
    homes = [
        accounts.server_home(stack, "postgres", None, lasting=False),
        accounts.server_home(stack, "rabbit", None, lasting=True),
    ]

    for server in ("postgres", "rabbit"):
        accounts.release_memory(stack, server)

    assert [home.is_dir() for home in homes] == [False, True]
    assert list((tmp_path / "memory").iterdir()) == []
    assert accounts.server_home(stack, "postgres", None, lasting=False).is_dir()
