"""Node.js as it comes with Playwright, so that nobody has to install one."""

from __future__ import annotations

from pathlib import Path

import playwright

NODE = Path(playwright.__file__).parent / "driver" / "node"
