"""What several test modules share: the project's folder and the real datasets."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real datasets, which are not part of the project."""
    given = os.environ.get("CRMRESEARCH_REAL_DATA", "")
    if not given:
        pytest.skip("CRMRESEARCH_REAL_DATA does not name the folder of real datasets")
    folder = Path(given).expanduser()
    folder = folder if folder.is_absolute() else ROOT / folder
    if not folder.is_dir():
        pytest.fail(f"CRMRESEARCH_REAL_DATA names {given}, which is not a folder")
    return folder
