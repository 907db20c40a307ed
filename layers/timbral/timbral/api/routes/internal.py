"""``/internal``: for operators; the door lets nobody else in."""

from typing import Any

from fastapi import APIRouter

from timbral.api.asking import MoodModel
from timbral.api.contract.moods import MoodRequest, Predicted, PredictedMood
from timbral.api.problems import NotReady
from timbral.api.routes.json_route import JsonRoute
from timbral.errors import NotFound

NOT_YOURS: dict[int | str, dict[str, Any]] = {403: {"description": "Whoever asks is no operator."}}
router = APIRouter(prefix="/internal", tags=["internal"], route_class=JsonRoute, responses=NOT_YOURS)


@router.post("/mood/predict", operation_id="predictMoods", summary="How tracks feel")
def post_mood(model: MoodModel, request: MoodRequest) -> Predicted:
    """Energy, valence and moods of any tracks, by what the nightly flow predicts with."""
    try:
        version, moods = model.predict([track.as_known() for track in request.tracks])
    except NotFound as error:
        raise NotReady(str(error)) from error
    return Predicted(model=version, moods=[PredictedMood.of(mood) for mood in moods])
