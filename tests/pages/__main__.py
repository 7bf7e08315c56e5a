"""Every page that is made from the code, written anew: `make pages`."""

from hanse_node.api.app import write_openapi
from tests import cli_page, config_page, sdk_page
from tests.conftest import ROOT
from tests.pages import examples
from tests.pages.formats import pages

if __name__ == "__main__":
    examples.write()  # what openapi.json shows
    written = {
        **{path: make().encode() for path, make in pages()},
        cli_page.PAGE: cli_page.write_page().encode(),
        config_page.PAGE: config_page.page().encode(),
        sdk_page.PAGE: sdk_page.write_page().encode(),
        ROOT / "docs" / "openapi.json": write_openapi(),
    }
    for path, data in written.items():
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
            print(path.relative_to(ROOT))  # noqa: T201 # it tells which pages are other ones now
