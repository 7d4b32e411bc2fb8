from hypothesis import given, settings
from hypothesis import strategies as st

from crmresearch.data.codebook_file import fold
from crmresearch.data.convert import _folded

BLANKS = st.sampled_from(
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2009\u2028\u2029\u202f\u205f\u3000"
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(BLANKS | st.characters(blacklist_categories=["Cs"]), max_size=8)))
def test_cells_are_folded_as_the_codebook_is(texts):
    assert _folded(texts).tolist() == [fold(text) for text in texts]
