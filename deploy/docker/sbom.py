"""The bill of materials of an image, as CycloneDX: `python3 sbom.py NAME VENV`, run inside it while it is built.

Debian's packages as dpkg knows them and the Python packages of the environment. The portal's browser libraries stand
with version and licence in gateway/portal/static/vendor.
"""

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path


def bill(name: str, site_packages: Path) -> dict[str, object]:
    components = [*_debian(), *_python(site_packages)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": name}},
        "components": components,
    }


def _debian() -> list[dict[str, str]]:
    asked = ["dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\n"]
    lines = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.splitlines()
    found = []
    for line in sorted(lines):
        package, version, architecture = line.split("\t")
        purl = f"pkg:deb/debian/{package}@{version}?arch={architecture}"
        found.append({"type": "library", "name": package, "version": version, "purl": purl})
    return found


def _python(site_packages: Path) -> list[dict[str, str]]:
    found = []
    for package in sorted(distributions(path=[str(site_packages)]), key=lambda each: each.name.lower()):
        purl = f"pkg:pypi/{package.name.lower()}@{package.version}"
        found.append({"type": "library", "name": package.name, "version": package.version, "purl": purl})
    return found


if __name__ == "__main__":
    (packages,) = Path(sys.argv[2]).glob("lib/python3*/site-packages")
    json.dump(bill(sys.argv[1], packages), sys.stdout, indent=1)
