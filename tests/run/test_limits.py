"""Sizes of memory as a person writes them."""

import pytest

from crmresearch.run.kernels.limits import memory_size, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 0), ("2G", 2 * 10**9), ("800M", 8 * 10**8), ("1.5 gb", 1.5 * 10**9),
     ("750000000", 750_000_000), ("1T", 10**12)],
)  # fmt: skip
def test_sizes(text, size):
    assert memory_size(text) == size


@pytest.mark.parametrize(
    "text", ["2", "0", "-2G", "2X", "G", "much", "499M", "nan", "1e9G", "3GiB", "1001T", "9" * 400]
)
def test_what_is_no_size_is_refused_with_the_rule(text):
    with pytest.raises(ValueError, match="is not a size to run a notebook in") as refused:
        memory_size(text)
    assert str(refused.value) == (
        f"{text!r} is not a size to run a notebook in. Write one of at least 500M and at most "
        "1000T, such as 800M or 2G."
    )


def test_a_size_is_told_as_it_is_written():
    assert [size_text(memory_size(text)) for text in ("2G", "800M", "1.5G")] == [
        "2G", "800M", "1.5G",
    ]  # fmt: skip
