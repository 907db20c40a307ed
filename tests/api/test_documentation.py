import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256

import pytest

from tests.api.test_uvicorn import listening_on
from timbral.api.documentation import documentation_page


def test_the_page_loads_nothing_from_elsewhere(ask):
    answer = ask.get("/docs")

    assert answer.headers["content-type"].startswith("text/html")
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//|@import|url\(""", answer.text)
    assert 'fetch("openapi.json")' in answer.text


def test_the_page_may_run_its_own_script_only(ask):
    answer = ask.get("/docs")
    script = answer.text.partition("<script>")[2].partition("</script>")[0]
    digest = b64encode(sha256(script.encode()).digest()).decode()

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert answer.text.count("<script") == 1
    assert not re.search(r"\son[a-z]+=", answer.text)


def test_the_page_puts_no_text_into_html_unescaped():
    html = documentation_page().html

    assert "innerHTML" not in html
    assert "insertAdjacentHTML" not in html


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
SHOWN = ("--virtual-time-budget=8000", "--dump-dom")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to look with")
def test_a_browser_shows_every_operation(app, tmp_path):
    with listening_on(app) as address:
        done = subprocess.run(
            [CHROMIUM, *QUIET, *SHOWN, f"--user-data-dir={tmp_path}", f"{address}/docs"],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )

    named = [one["operationId"] for path in app.openapi()["paths"].values() for one in path.values()]
    assert "can't be read" not in done.stdout.partition("<script>")[0]
    assert [name for name in named if f'id="{name}"' not in done.stdout] == []
