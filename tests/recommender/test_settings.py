from types import SimpleNamespace

import pytest

from timbral.errors import InvalidInput
from timbral.recommender.models.als import AlsSettings
from timbral.settings import load_settings
from timbral.wiring.stages import Stages


@pytest.mark.parametrize("weighting", ["discounted", "binary", "log1p"])
def test_each_form_of_confidence_can_be_chosen(monkeypatch, weighting):
    monkeypatch.setenv("TIMBRAL_ALS_WEIGHTING", weighting)
    foundation = SimpleNamespace(settings=load_settings(als_regularization=5.0), encoder_version="none")

    als = Stages(foundation).recommender_settings().als

    assert (als.weighting, als.regularization) == (weighting, 5.0)


def test_the_usual_settings_are_the_tuned_ones():
    settings, tuned = load_settings(), AlsSettings()

    assert settings.als_weighting == tuned.weighting
    assert settings.als_confidence == tuned.confidence
    assert settings.als_regularization == tuned.regularization


def test_an_unknown_confidence_is_refused():
    with pytest.raises(InvalidInput, match="TIMBRAL_ALS_WEIGHTING is 'sqrt'"):
        load_settings(als_weighting="sqrt")
