import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.core.audit import merges
from timbral.core.normalise import identify
from timbral.core.scripts import is_latin, tracks_sound_alike

FOREIGN = st.text("абвгдежзиклмнопрстуфхцчшыэюя ", min_size=1, max_size=12).filter(str.strip)
NAMES = FOREIGN | st.sampled_from(
    ["Kino", "Кино", "Судно", "Sudno", "فيروز", "Fairuz", "夜", "Live", "1", "!"]
)


def alike(a, b):
    return tracks_sound_alike(identify(*a), identify(*b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("Молчат Дома", "Судно (Борис Рыжий)"), ("Molchat Doma", "Sudno (Boris Ryzhy)")),
        (("Виктор Цой", "Перемен"), ("Viktor Tsoy", "Peremen")),
        (("Χάρις Αλεξίου", "Νεφέλη"), ("Haris Alexiou", "Nefeli")),
        (("فيروز", "نسم علينا الهوى"), ("Fairuz", "Nassam Alayna El Hawa")),
        (("עופרה חזה", "אם ננעלו"), ("Ofra Haza", "Im Nin'alu")),
        (("BIGBANG", "판타스틱 베이비"), ("BIGBANG", "Pantaseutig Beibi")),
    ],
)
def test_a_name_and_its_romanisation_sound_alike(a, b):
    assert alike(a, b)
    assert merges(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("Кино", "Группа крови"), ("Kino", "Gruppa krovi (Live)")),
        (("Кино", "Песня, ч. 1"), ("Kino", "Pesnya, ch. 2")),
        (("ДДТ", "Осень"), ("DDT", "Son")),
        (("فيروز", "كيفك إنت"), ("Fairuz", "Nassam Alayna El Hawa")),
        (("王菲", "我"), ("Faye Wong", "Wo")),
        (("Kino", "Gruppa krovi"), ("Kino", "Grippe korova")),
    ],
)
def test_other_songs_do_not_sound_alike(a, b):
    assert not alike(a, b)
    assert not merges(a, b)


def test_names_in_one_script_are_never_merged_by_sound():
    assert not alike(("Kino", "Gruppa krovi"), ("Kino", "Gruppa krovi"))


@given(NAMES, NAMES, NAMES, NAMES)
def test_sounding_alike_is_symmetric_and_takes_two_scripts(artist, title, other_artist, other_title):
    a, b = (artist, title), (other_artist, other_title)

    assert alike(a, b) == alike(b, a)
    if alike(a, b):
        one, other = identify(*a), identify(*b)
        assert is_latin(one.artist_key + one.title_key) != is_latin(other.artist_key + other.title_key)
