"""Tables of the README."""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Rows under a head; numbers, in every column but the first, to the right."""
    lines = [head, tuple("---" if column == 0 else "---:" for column in range(len(head))), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
