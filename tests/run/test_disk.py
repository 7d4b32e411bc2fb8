"""Folders that go with their process, however that ends."""

import os
import shutil

from crmresearch.run import disk


def test_the_lock_of_a_folder_goes_last(tmp_path, monkeypatch):
    """Without it, what a killed process had not yet removed would stay for good."""
    left, rmtree = [], shutil.rmtree

    def noted(path, **options):
        left.append(os.listdir(path))
        rmtree(path, **options)

    monkeypatch.setattr(shutil, "rmtree", noted)
    with disk.own_folder(tmp_path) as folder:
        for name in "az":
            (folder / name).touch()
    assert left == [["lock"]]
    assert not folder.exists()


def test_what_a_killed_process_left_goes_before_the_next_folder(tmp_path):
    (tmp_path / "left").mkdir()
    for name in ("lock", "file"):
        (tmp_path / "left" / name).touch()
    (tmp_path / "no-lock").mkdir()
    with disk.own_folder(tmp_path) as folder:
        assert sorted(tmp_path.iterdir()) == sorted([folder, tmp_path / "no-lock"])
        disk._sweep.cache_clear()
        with disk.own_folder(tmp_path):  # a folder in use stays
            assert (folder / "lock").exists()
