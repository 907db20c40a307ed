import pytest

from tests.bench.load import run
from tests.bench.release import publish
from timbral.settings import load_settings
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import Releases
from timbral.wiring import Services

GROWTH_MB = 100


@pytest.mark.slow
def test_two_workers_answer_many_at_once_without_a_failure_and_in_steady_memory(tmp_path):
    # The encoder is made before, or the workers' memory would show how it is made.
    _ = Services(load_settings(store_root=str(tmp_path))).encoder_version
    publish(Releases(open_objects(str(tmp_path))), tracks_count=2_000, listeners_count=300)

    outcome = run(str(tmp_path), seconds=8, at_once=20)

    assert outcome.statuses.keys() == {200}
    assert outcome.statuses[200] > 50
    assert outcome.growth_mb < GROWTH_MB
