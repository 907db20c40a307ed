from timbral.recommender.release.search import breadth


def test_larger_graphs_are_looked_through_further_and_less_so_under_a_filter():
    assert breadth(100_000, 221, is_filtered=False) == 221
    assert breadth(1_000_000, 221, is_filtered=False) == 3_800
    assert breadth(1_000_000, 221, is_filtered=True) == 1_100
    assert breadth(1_000_000, 5_000, is_filtered=True) == 5_000


def test_several_points_share_what_one_would_be_given():
    assert breadth(1_000_000, 221, is_filtered=False, vectors_count=4) == 1_100
    assert breadth(1_000_000, 221, is_filtered=False, vectors_count=100) == 236
    assert breadth(100_000, 221, is_filtered=False, vectors_count=4) == 221
