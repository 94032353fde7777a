"""Convert what was saved from Amazon Pinpoint into files for Amazon Connect; without AWS.

python -m tools.migration FROM TO [--key endpoint|user] [--lists numbered|joined]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

# The tools run from the root of the project; the product is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lambda_src"))

from tools.migration.conversion import Options, convert
from tools.migration.reading import InputError, read_app
from tools.migration.report import summary
from tools.migration.writing import OutputError, write

UNUSABLE = 2


def main() -> None:
    """Exit with 0 if everything was converted or listed, 2 if a file or a folder cannot be used."""
    arguments = _arguments()
    try:
        conversion = convert(read_app(arguments.source), Options(arguments.key, arguments.lists))
        write(conversion, arguments.target)
    except (InputError, OutputError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(UNUSABLE)
    print(summary(conversion))
    print(f"What changes and what is lost: {arguments.target / 'report.md'}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make migrate-app", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=_folder, metavar="FROM", help="holds endpoints, segments, templates, journeys")
    parser.add_argument("target", type=_folder, metavar="TO", help="a folder that does not exist")
    parser.add_argument("--key", choices=["endpoint", "user"], default="endpoint", help="what the AccountNumber is")
    parser.add_argument(
        "--lists", choices=["numbered", "joined"], default="numbered", help="what several values become"
    )
    return parser.parse_args()


def _folder(name: str) -> Path:
    if not name:
        raise argparse.ArgumentTypeError("give a folder")
    return Path(name)


if __name__ == "__main__":
    main()
