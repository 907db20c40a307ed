from hypothesis import given
from hypothesis import strategies as st

from timbral.features.prose import cut_text


def test_a_short_text_only_loses_needless_white_space():
    assert cut_text(" Two men\n and  a moog. ", 100) == "Two men and a moog."


def test_a_long_text_is_cut_where_a_sentence_ends():
    assert cut_text("It floats. It shines. It never lands anywhere at all.", 30) == "It floats. It shines."


def test_a_text_without_a_late_sentence_end_is_cut_between_words():
    assert cut_text("Oh. " + "floating " * 10, 25) == "Oh. floating floating"


@given(text=st.text(), longest=st.integers(1, 50))
def test_a_cut_text_is_never_too_long_and_always_a_beginning(text, longest):
    cut = cut_text(text, longest)

    assert len(cut) <= longest
    assert " ".join(text.split()).startswith(cut)
