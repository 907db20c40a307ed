import pytest

from tests.bench.load import run
from tests.bench.release import publish
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import Releases

GROWTH_MB = 100


@pytest.mark.slow
def test_two_workers_answer_many_at_once_without_a_failure_and_in_steady_memory(tmp_path):
    publish(Releases(open_objects(str(tmp_path))), tracks_count=2_000, listeners_count=300)

    outcome = run(str(tmp_path), seconds=8, at_once=50)

    assert outcome.statuses.keys() == {200}
    assert outcome.statuses[200] > 50
    assert outcome.growth_mb < GROWTH_MB
