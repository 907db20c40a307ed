"""Autofill is measured on sessions; the future stays unknown."""

import numpy as np
import pytest

from timbral.errors import InvalidInput
from timbral.progress import Silent
from timbral.recommender.evaluation.autofill_quality import (
    Session,
    cut_sessions,
    measure_autofill,
    questions_of,
)
from timbral.recommender.models.interactions import Events

MINUTE = 60


def events(*plays):
    listeners, items, minutes = zip(*plays, strict=True)
    return Events(np.array(listeners), np.array(items), MINUTE * np.array(minutes))


def planted(sessions_count=30, blocks_count=6, per_block=8):
    """One listener who plays tracks of one block a session."""
    random = np.random.default_rng(0)
    plays = []
    for session in range(sessions_count):
        tracks = random.permutation(per_block)[:6] + per_block * (session % blocks_count)
        plays += [(0, track, 1_000 * session + 3 * at) for at, track in enumerate(tracks)]
    return events(*plays), blocks_count * per_block


def votes(cosines, together):
    return (np.clip(cosines, 0, 1) ** 8).sum(axis=1) + together


def test_a_session_ends_after_half_an_hour_and_with_the_listener():
    cut = cut_sessions(
        events(
            *[(0, item, item) for item in range(5)],
            *[(0, item, 40 + item) for item in range(4)],
            *[(1, item, item) for item in range(4)],
            (1, 9, 100),
        )
    )

    assert cut == [
        Session(0, (0, 1, 2, 3, 4), 4 * MINUTE),
        Session(0, (0, 1, 2, 3), 43 * MINUTE),
        Session(1, (0, 1, 2, 3), 3 * MINUTE),
    ]
    assert cut[0].seeds == (0, 1)
    assert cut[0].relevant == (2, 3, 4)


@pytest.mark.parametrize("half", ["development", "test"])
def test_nothing_later_than_the_first_asked_session_is_known(half):
    plays, n_items = planted()
    sessions = cut_sessions(plays)
    (question,) = questions_of(sessions, n_items, half)
    first = min(session.ended_at_uts for session in question.sessions)
    before = [session for session in sessions if session.ended_at_uts < first]

    assert question.played == {track for session in before for track in session.tracks}
    assert len(question.sessions) == 6
    assert len(before) == (18 if half == "development" else 24)


def test_what_was_played_together_continues_a_session():
    plays, n_items = planted()
    nothing = np.zeros((n_items, 4), np.float32)

    found = measure_autofill(
        plays, nothing, {"votes": votes, "blind": lambda c, _: c[:, 0]}, 0, Silent(), diversities=(0.3,)
    )

    assert list(found["methods"]) == ["votes", "votes, diversity 0.3", "blind"]
    assert found["methods"]["votes"]["ndcg@10"] > 0.6 > found["methods"]["blind"]["ndcg@10"]


def test_without_sessions_there_is_a_clear_answer():
    with pytest.raises(InvalidInput, match="no session of 4 tracks"):
        measure_autofill(events((0, 0, 0)), np.zeros((1, 4), np.float32), {"votes": votes}, 0, Silent())
