import pytest

from tests.api.fuzz import fuzz


@pytest.mark.slow
def test_no_case_made_from_the_description_breaks_it():
    answers = fuzz(400, seeded=7, chains_count=10)

    assert sum(answers.values()) >= 400
    assert not [status for _, status in answers if status >= 500]
