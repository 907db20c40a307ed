"""Random faults, the same for the same seed."""

import random

from tests.providers.fake_server import Fault

ANY = (
    Fault("status", 500),
    Fault("status", 502),
    Fault("status", 503, {"retry-after": "3"}),
    Fault("status", 429),
    Fault("status", 429, {"retry-after": "2"}),
    Fault("html"),
    Fault("truncated"),
    Fault("short"),
    Fault("reset"),
)


def random_faults(seed, share=0.3, faults=ANY):
    """Return a choice of faults that hits a share of the answers, in bursts."""
    draw = random.Random(seed)
    left = [0]

    def choose(_asked):
        if left[0] == 0 and draw.random() < share:
            left[0] = draw.randint(1, 4)
        if left[0] == 0:
            return None
        left[0] -= 1
        return draw.choice(faults)

    return choose
