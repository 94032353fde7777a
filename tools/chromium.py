"""Find a browser for tests and screenshots: the machine's own, else one that Playwright downloads.

chromium.py    prints its path, installing it if there is none
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


def find() -> Path | None:
    """The browser that `CHROMIUM` names, one of the usual names, or the one that Playwright has installed."""
    found = (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), *filter(Path.exists, APPLICATIONS))
    for path in found:
        if path:
            return Path(path)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def main() -> None:
    """Print the path of a browser, or say what to install."""
    if find() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, stdout=sys.stderr)
    path = find()
    if path is None:
        sys.exit("error: no Chromium: install it (Debian: apt-get install chromium), or name one in CHROMIUM")
    print(path)


if __name__ == "__main__":
    main()
