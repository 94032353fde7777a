"""Write the Terraform CLI configuration that the project's own commands use.

    terraform_config.py FILE

Without network, a provider mirror in one of the usual places is used; everybody else gets the public registry.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

PROVIDER = "registry.terraform.io/hashicorp/aws"


def places() -> Iterator[Path]:
    """Where a mirror usually lies: the folders Terraform itself searches, then one level below the system's."""
    home = Path.home()
    yield from (home / ".terraform.d/plugins", home / ".terraform.d/mirror", home / ".local/share/terraform/plugins")
    yield from (Path("/usr/local/share/terraform/plugins"), Path("/usr/share/terraform/plugins"))
    for parent in ("/opt", "/srv", "/usr/local", "/usr/local/share", "/usr/share", "/var/lib"):
        yield from sorted(Path(parent).glob("*"))


def mirror() -> Path | None:
    """The first place that holds the AWS provider."""
    return next((place for place in places() if (place / PROVIDER).is_dir()), None)


def configuration(cache: Path) -> str:
    """The text of the configuration file."""
    found = mirror()
    if found is None:
        return f'disable_checkpoint = true\nplugin_cache_dir = "{cache}"\n'
    return f"""\
disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path    = "{found}"
    include = ["{PROVIDER}"]
  }}
  direct {{
    exclude = ["{PROVIDER}"]
  }}
}}
"""


def main() -> None:
    """Write the file and the plugin cache beside it."""
    target = Path(sys.argv[1]).resolve()
    cache = target.parent / "terraform-plugins"
    cache.mkdir(parents=True, exist_ok=True)
    target.write_text(configuration(cache))


if __name__ == "__main__":
    main()
