"""Cases made up from the API's own description, each answer held against it by every check there is.

    python -m tests.api.fuzz --cases 5000 --chains 150

sends that many to all operations, and chains of requests that follow the description's links.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter

import numpy as np
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from tests.api.conftest import LISTENER, Moods, Office, Shelf, imports_in_memory, keeping_in_memory
from tests.api.memory_release import MemoryRelease
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.api.problems import Unauthorized
from timbral.errors import NotConnected

TOKEN = "good"
CHAIN_STEPS_COUNT = 8
# What a schema can't say, though a request follows it: such a request is refused, and these are all the
# reasons that there may be. With any other the check `positive_data_acceptance` fails.
BEYOND_A_SCHEMA = re.compile(
    r"(?i)"
    r"year_from must not be later than year_to"
    r"|must not name a track twice|must not name an event_id twice"
    r"|pick at least one track or genre|send either "
    r"|played_s must be given for plays, and for nothing else"
    r"|at_uts must not be more than a day ahead of now"
    r"|must not have control characters|must not be blank"
    r"|the cursor must be the next_cursor of an earlier answer|the cursor belongs to another release"
    r"|the query (can't be read|doesn't fit the schema|may)|there are queries only"
    r"|seeds are not tracks of this release|there is no track .* in this release"
    r"|one of the genres is not in this release"
)
STALE = 410


class Verifier:
    """Knows one token."""

    def verify(self, token):
        if token != TOKEN:
            msg = "the token is not a genuine one"
            raise Unauthorized(msg)
        return {"sub": LISTENER, "roles": ["operator"]}


class Desk:
    """Connects everybody to Spotify, fills every playlist and reads none.

    Args:
        imports: Begins imports.
    """

    def __init__(self, imports):
        self.imports = imports

    def connect(self, listener_id, now_uts, code, redirect_uri, code_verifier):
        del code, redirect_uri, code_verifier
        return self.imports.begin(listener_id, "spotify", now_uts, account="me")

    def playlist(self, listener_id, playlist_id):
        del listener_id, playlist_id
        msg = "nobody has connected"
        raise NotConnected(msg)

    def fill(self, listener_id, playlist_id, spotify_ids):
        del listener_id, playlist_id
        return len(spotify_ids)


class Reader:
    """Finds all texts alike."""

    def relevance(self, query, texts):
        del query
        return np.full(len(texts), 0.5, dtype=np.float32)


def application():
    """Return an application over the planted release, which keeps in memory what it is told."""
    shelf = Shelf(MemoryRelease())
    identity, imports = Identity(verifier=Verifier()), imports_in_memory()
    return create_app(
        shelf,
        identity,
        shelf,
        keeping=keeping_in_memory(),
        listeners=Office(),
        imports=imports,
        spotify=lambda: Desk(imports()),
        moods=Moods,
        relevance=Reader,
    )


class Fuzz:
    """Sends cases and counts the answers, by operation and status.

    Args:
        seeded: Seed of what is made up.
    """

    def __init__(self, seeded=1):
        self.schema = schemathesis.openapi.from_asgi("/openapi.json", application())
        self.operations = {one.ok().label: one.ok() for one in self.schema.get_all_operations()}
        self.track_ids = [MemoryRelease().track_id(row) for row in range(50)]
        self.checks = CHECKS.get_all()
        self.answers = Counter()
        self._seed = seeded

    def cases(self, label, cases_count):
        """Send cases to one operation: good ones, good ones about tracks that there are, and bad ones.

        Raises:
            FailureGroup: An answer is a 5xx, or against the description.
        """
        modes = [self.operations[label].as_strategy(generation_mode=mode) for mode in GenerationMode]
        known = st.lists(st.sampled_from(self.track_ids), min_size=1, max_size=3, unique=True)

        @seed(self._seed)
        @settings(
            max_examples=cases_count,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=st.one_of(modes), ids=st.none() | known)
        def send(case, ids):
            if ids and is_good(case):
                about(case, ids)
            self._sent(case, case.call(headers=vouched(case)))

        send()

    def chains(self, chains_count):
        """Send chains of requests, each made of what the one before was answered.

        Raises:
            FailureGroup: An answer is a 5xx, or against the description.
        """
        fuzz = self

        class Chain(self.schema.as_state_machine()):
            def get_call_kwargs(self, case):
                return {"headers": vouched(case)}

            def validate_response(self, response, case, **options):
                del options
                fuzz._sent(case, response, "chain: ")

        quiet = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
        run_state_machine_as_test(
            Chain,
            settings=settings(
                max_examples=chains_count, stateful_step_count=CHAIN_STEPS_COUNT, derandomize=True, **quiet
            ),
        )

    def _sent(self, case, answer, how=""):
        self.answers[how + case.operation.label, answer.status_code] += 1
        excused = [CHECKS.get_one("positive_data_acceptance")] if is_excused(answer) else []
        case.validate_response(answer, checks=self.checks, excluded_checks=excused, headers=vouched(case))


def is_good(case):
    """Return whether a case follows the description."""
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


def is_excused(answer):
    """Return whether an answer refuses what no schema could have refused."""
    is_refused = answer.status_code == 400 and BEYOND_A_SCHEMA.search(answer.json()["detail"])
    return bool(is_refused) or answer.status_code == STALE


def about(case, track_ids):
    """Put ids of tracks that there are into a case."""
    if "track_id" in (case.path_parameters or {}):
        case.path_parameters["track_id"] = track_ids[0]
    if isinstance(case.body, dict):
        for name in {"seeds", "track_ids"} & set(case.body):
            case.body[name] = track_ids


def vouched(case):
    """Return headers with a good token, unless leaving it out is what the case is about."""
    meant = case.headers and "Authorization" in case.headers
    return {"Authorization": f"Bearer {TOKEN}"} if meant else {}


def main():
    """Run it, and count the answers."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--chains", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    fuzz = Fuzz(wanted.seed)
    for label in fuzz.operations:
        fuzz.cases(label, -(-wanted.cases // len(fuzz.operations)))
    if wanted.chains:
        fuzz.chains(wanted.chains)
    for (operation, status), count in sorted(fuzz.answers.items()):
        sys.stdout.write(f"{count:>6}  {status}  {operation}\n")
    sys.stdout.write(f"{fuzz.answers.total():>6}  answers, none of them a 5xx or against the contract\n")


if __name__ == "__main__":
    main()
