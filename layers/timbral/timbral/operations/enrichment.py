"""What is asked of outside services for the catalogue's sake, and how much of it one invocation does."""

from __future__ import annotations

import itertools
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from timbral.wiring import Services

RUN_S = 600.0
"""No wait of a run lasts beyond so long after its beginning: an invocation has fifteen minutes."""


def scrape_aoty(services: Services) -> dict[str, Any]:
    """Look up new releases that many hear, or that a search asked for, at Album of the Year.

    Args:
        services: Settings and adapters; unless ``aoty_scraping`` is set, nothing is asked of anyone.

    Returns:
        ``report``: what was looked up and found, and when the next run may go on if the site said stop.
    """
    from timbral.providers.aoty import LIMITS, AotySite, judge_pages  # noqa: PLC0415  others don't pay for it
    from timbral.pulling.aoty.requests import heard_albums, requested_albums  # noqa: PLC0415  as above
    from timbral.pulling.aoty.scraping import AotyScraping  # noqa: PLC0415  as above
    from timbral.raw.aoty.page import is_challenge  # noqa: PLC0415  as above

    if not services.settings.aoty_scraping:
        return {"report": {"stage": "raw", "notes": {"aoty_scraping": "is off"}}}
    begun_s = time.time()
    run = services.outside.run(begun_s + RUN_S)
    judge = judge_pages(is_challenge)
    site = AotySite(services.outside.sender("aoty", services.settings.aoty_address, judge, run, LIMITS))
    scraping = AotyScraping(
        site, services.objects, services.outside.keep_answer, services.outside.clock, int(begun_s)
    )
    wanted = itertools.chain(requested_albums(services.objects), heard_albums(services.tables, int(begun_s)))
    report = scraping.run(wanted, services.settings.aoty_albums_count)
    counts = {"rows_count": report.looked_up_count, "computed_count": report.found_count}
    elapsed_s = round(time.time() - begun_s, 3)
    return {"report": {"stage": "raw", **counts, "elapsed_s": elapsed_s, "notes": asdict(report)}}
