"""The identity on real listening logs: what must hold for spellings that nobody made up."""

import csv
import gzip
from collections import defaultdict

import pytest

from timbral.core.audit import audit_sample
from timbral.core.clustering import Spelling, cluster
from timbral.core.matching import Grade
from timbral.core.normalise import identify, track_id

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def mbids(realdata):
    """Every spelling in the logs, and the MusicBrainz ids that came with it."""
    logs = realdata / "listens" / "scrobbles"
    found = defaultdict(set)
    with gzip.open(logs / "listener_a.csv.gz", "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            found[row["artist"], row["track"]].add(row["track_mbid"])
    with (logs / "listener_b.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            found[row["artist"], row["track"]].add(row["mbid"])
    with (realdata / "listens" / "lastfm1k" / "head.tsv").open(encoding="utf-8") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row[3], row[5]].add(row[4])
    return {name: ids - {""} for name, ids in found.items() if name[0].strip() and name[1].strip()}


def test_every_real_spelling_is_stable(mbids):
    for artist, title in mbids:
        identity = identify(artist, title)

        again = identify(identity.artist_key, identity.title)
        assert (again.artist_key, again.title_key, again.version_key) == (
            identity.artist_key,
            identity.title_key,
            identity.version_key,
        )


def test_few_spellings_are_another_of_a_known_track(mbids):
    tracks = {track_id(identify(*name)) for name in mbids}

    assert 0.9 < len(tracks) / len(mbids) < 0.99


def test_spellings_with_one_mbid_are_mostly_one_track(mbids):
    spelled = defaultdict(list)
    for name, ids in mbids.items():
        for mbid in ids:
            spelled[mbid].append(track_id(identify(*name)))
    several = [ids for ids in spelled.values() if len(ids) > 1]

    assert sum(len(set(ids)) == 1 for ids in several) >= 0.95 * len(several) > 0


def test_no_real_cluster_grows_past_a_handful(mbids):
    aliases = cluster(
        Spelling(identify(*name), tuple(f"mbid:{mbid}" for mbid in sorted(ids)))
        for name, ids in mbids.items()
    )
    members = defaultdict(set)
    for alias in aliases.values():
        members[alias.canonical_id].add(alias.track_id)

    assert max(map(len, members.values()), default=0) <= 4


def test_the_audit_lists_merges_and_near_misses(mbids):
    findings = audit_sample(((*name, track_id(identify(*name))) for name in mbids), wanted_count=50)

    assert sum(finding.merged for finding in findings) == 50
    assert len(findings) == 100
    assert all(finding.reason and finding.grade > Grade.NONE for finding in findings)
