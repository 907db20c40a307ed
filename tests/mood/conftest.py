"""One trained model for all tests that only read it."""

import pytest

from tests.mood.planted import planted_examples
from timbral.mood.predictor import MoodPredictor
from timbral.mood.training.model import train_model
from timbral.mood.training.settings import TrainingSettings
from timbral.progress import Silent

QUICK = TrainingSettings(folds_count=3)


@pytest.fixture(scope="session")
def examples():
    return planted_examples()


@pytest.fixture(scope="session")
def model_folder(examples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mood") / "model"
    train_model(examples, QUICK, Silent(), folder, encoder="planted")
    return folder


@pytest.fixture(scope="session")
def predictor(model_folder):
    return MoodPredictor(model_folder)
