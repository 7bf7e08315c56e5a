"""What the wheel's build asks: the page, built from the very sources that the wheel carries."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "hanse_page/built/verify.html"


class PageHook(BuildHookInterface[Any]):
    """Builds the page into the wheel. An installation that follows the sources builds it when it is asked for."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page and name its place, unless this wheel only points to the sources."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path[:0] = [str(root / "ledger"), str(root / "client")]
        from hanse_page.build import page  # noqa: PLC0415 (its sources are on the path only now)

        built = Path(self.directory) / "verify.html"
        built.parent.mkdir(parents=True, exist_ok=True)
        built.write_bytes(page(self.metadata.version))
        build_data["force_include"][str(built)] = PLACE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing beside the wheel that is in it."""
        del version, build_data, artifact_path
        (Path(self.directory) / "verify.html").unlink(missing_ok=True)
