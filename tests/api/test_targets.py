from tests.bench.targets import judged


def test_a_ratio_is_found_in_the_row_below_its_route_and_what_is_missing_is_left_out():
    rows = [
        {"what": "/recs/track", "p50 ms": 8.0},
        {"what": "  the plain query", "p50 ms": 6.0, "times": 1.4},
        {"what": "10 nearest, all", "recall@10": 0.9},
    ]

    assert [(one["figure"], one["measured"], one["met"]) for one in judged(rows)] == [
        ("/recs/track, times", 1.4, "yes"),
        ("10 nearest, all, recall@10", 0.9, "no"),
    ]
