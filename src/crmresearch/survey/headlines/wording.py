"""Words that headlines share."""

ABSENT = "Not in these data: "


LONGEST = 44  # characters of a label from the data within a title


def short(name: str) -> str:
    """A label from the data, cut where it would make a title too long to read."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def listed(texts: list[str]) -> str:
    """`a, b and c`."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
