"""What several test modules share: the project's folder and the real datasets."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# In CI every run tries the same examples, so that a red build is the change's doing; at a desk
# each run tries new ones.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

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
