"""Recognise what survey tools add to an export, and take it away, counted."""

import dataclasses
import re
from collections.abc import Mapping

import numpy as np

from crmresearch.data.problems import Problem, counted
from crmresearch.data.tables import Column, Table

_IMPORT_ID = re.compile(r'\{\s*"ImportId"\s*:')
_LIMESURVEY = {"submitdate", "lastpage", "startlanguage"}


def recognise(table: Table) -> Table:
    """`table` without the extra rows of a Qualtrics export, with what its headers say."""
    if not table.columns or not len(table.rows):
        return table
    if _is_qualtrics(table):
        return _qualtrics(table)
    if len(_LIMESURVEY & set(table.names)) >= 2:
        return _limesurvey(table)
    return _without_empty(table)


def _is_qualtrics(table: Table) -> bool:
    """Three header rows: names, questions, and an ImportId in every cell of the third."""
    if len(table.rows) < 2:
        return False
    return all(_IMPORT_ID.match(column.texts[column.codes[1]]) for column in table.columns)


def _qualtrics(table: Table) -> Table:
    labels = {
        name: " ".join(column.texts[column.codes[0]].split())
        for name, column in zip(table.names, table.columns, strict=True)
    }
    keep = np.ones(len(table.rows), bool)
    keep[:2] = False
    table = _kept(table, keep)
    preview = np.zeros(len(table.rows), bool)
    for name, marks in {
        "Status": ("Survey Preview", "1"),
        "DistributionChannel": ("preview",),
    }.items():
        if name in table.column:
            column = table.column[name]
            preview |= np.isin([text.strip() for text in column.texts], marks)[column.codes]
    table = dataclasses.replace(table, labels=labels, kind=f"Qualtrics {table.kind}")
    return _drop(table, preview, "survey preview", "Rows of a survey preview")


def _limesurvey(table: Table) -> Table:
    table = _without_empty(dataclasses.replace(table, kind=f"LimeSurvey {table.kind}"))
    if "submitdate" not in table.column:
        return table
    column = table.column["submitdate"]
    partial = np.array([not text.strip() for text in column.texts])
    count = int((partial & (column.counts > 0))[column.codes].sum() if len(column.codes) else 0)
    if not count:
        return table
    note = Problem(
        where=table.where,
        column="submitdate",
        found=f"{count:,} of {len(table.rows):,} respondents did not finish (no submit date)",
        fix="Their answers are kept; export completed responses only to leave them out.",
        blocks=False,
    )
    change = f"{counted(count, 'row')} of respondents who did not finish the survey kept."
    return dataclasses.replace(
        table, problems=(*table.problems, note), changes=(*table.changes, change)
    )


def _without_empty(table: Table) -> Table:
    """Leave out rows in which nothing stands at all, as a file's last lines often are."""
    if len(table.columns) < 2:
        return table
    candidates = np.arange(len(table.rows))
    for column in sorted(table.columns, key=lambda column: len(column.texts)):
        codes = column.codes[candidates]
        blank = [code for code in np.unique(codes) if not column.texts[code].strip()]
        candidates = candidates[np.isin(codes, blank)]
    empty = np.zeros(len(table.rows), bool)
    empty[candidates] = True
    return _drop(table, empty, "empty row", "Rows in which nothing stands")


def _drop(table: Table, drop: np.ndarray, what: str, label: str) -> Table:
    count = int(drop.sum())
    if not count:
        return table
    change = f"{counted(count, 'row')} left out ({what})."
    table = _kept(table, ~drop)
    flow: Mapping[str, int] = {**table.flow, label: count}
    return dataclasses.replace(table, changes=(*table.changes, change), flow=flow)


def _kept(table: Table, rows: np.ndarray) -> Table:
    columns: list[Column] = [column.keep(rows) for column in table.columns]
    return dataclasses.replace(table, columns=columns, rows=table.rows[rows])
