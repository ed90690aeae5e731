"""A real browser for the pages: opened from disk, with what they say on the console."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"needs a browser: none of {', '.join(BROWSERS)} is installed")
    return found


@pytest.fixture
def opened(browser, tmp_path):
    """`opened(file, fragment)`: (the document once its scripts have run, what they said on the console)."""

    def load(file: Path, fragment: str = "") -> tuple[str, list[str]]:
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr", "--v=0",
            f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=2000", "--dump-dom", f"{file.as_uri()}{fragment}",
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, env=os.environ | {"HOME": str(tmp_path)}
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout, re.findall(r"CONSOLE.*", done.stderr)

    return load


@pytest.fixture
def with_script():
    """`with_script(page, script)`: the page with something done to it, as a person would, once it stands."""

    def change(page: Path, script: str) -> Path:
        changed = page.with_name("changed.html")
        changed.write_text(page.read_text("utf-8").replace("</body>", f"<script>{script}</script></body>"), "utf-8")
        return changed

    return change
