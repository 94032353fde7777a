"""Build the function zip and the layer zip, byte for byte the same on every machine.

package.py build   write dist/
package.py check   fail if dist/ is not what a build from nothing gives
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lambda_src"
REQUIREMENTS = ROOT / "requirements" / "layer.txt"
DIST = ROOT / "dist"
FUNCTION = "engagement-function.zip"
LAYER = "engagement-layer.zip"

SOURCE_SUFFIXES = (".py", ".schema.json")
NATIVE = (".so", ".pyd", ".dylib", ".dll")
EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
REGULAR_FILE_0644 = 0o100644 << 16


class PackageError(Exception):
    """The packages cannot be built, or are not what is committed."""


def function_files() -> dict[str, bytes]:
    """Our source by its path in the function zip."""
    paths = (path for path in SOURCE.rglob("*") if path.name.endswith(SOURCE_SUFFIXES))
    return {path.relative_to(SOURCE).as_posix(): path.read_bytes() for path in paths}


def layer_files(wheels: Iterable[Path]) -> dict[str, bytes]:
    """The contents of `wheels` by their path in the layer zip; a native file is an error."""
    files: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(NATIVE):
                    raise PackageError(f"{wheel.name}: {name} is native code, the layer takes pure Python only")
                files[f"python/{name}"] = archive.read(name)
    return files


def download_wheels(folder: Path) -> list[Path]:
    """Fetch the wheels that the requirements pin, for any machine."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--implementation", "py", "--abi", "none"]
    command += ["--platform", "any", "--dest", str(folder), "--requirement", str(REQUIREMENTS)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise PackageError(f"pip could not fetch the pinned wheels of {REQUIREMENTS.name}:\n{result.stderr.strip()}")
    return sorted(folder.glob("*.whl"))


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip whose bytes depend on nothing but `files`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = UNIX
            entry.external_attr = REGULAR_FILE_0644
            target.writestr(entry, files[name])
    return buffer.getvalue()


def build() -> dict[str, bytes]:
    """Both packages by file name."""
    with tempfile.TemporaryDirectory() as folder:
        layer = archive(layer_files(download_wheels(Path(folder))))
    return {FUNCTION: archive(function_files()), LAYER: layer}


def write(packages: Mapping[str, bytes]) -> None:
    """Put the packages into dist/."""
    DIST.mkdir(exist_ok=True)
    for name, content in packages.items():
        (DIST / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


def check(packages: Mapping[str, bytes]) -> None:
    """Compare the packages with dist/."""
    stale = [name for name, content in packages.items() if _committed(name) != content]
    if stale:
        raise PackageError(f"dist/ is out of date ({', '.join(stale)}): run make package and commit the result")
    print("dist/ is what a build from nothing gives")


def _committed(name: str) -> bytes:
    path = DIST / name
    return path.read_bytes() if path.exists() else b""


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("command", choices=["build", "check"])
    arguments = parser.parse_args()
    try:
        (write if arguments.command == "build" else check)(build())
    except PackageError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
