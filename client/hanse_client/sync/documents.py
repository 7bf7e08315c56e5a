"""Documents, for callers that block.

Written from `hanse_client.resources.documents` by `python -m tests.blocking_twins`; a test compares.
"""

from pathlib import Path

from hanse_client.base.found import FileSearch
from hanse_client.base.portal import Portal
from hanse_client.resources.documents import AsyncDocuments


class Documents:
    """Documents by the file at hand. Reached as `client.documents`."""

    def __init__(self, portal: Portal, calls: AsyncDocuments) -> None:
        self._portal, self._calls = portal, calls

    def find(self, file: Path | str | bytes) -> FileSearch:
        """Find the records whose very document a file is, and tell whether what they say agrees with it.

        A record hides which file its document is, or shows the file's hash. The openings in the home folder tell of the
        first, the node lists the second; each record is proven before it counts. The node learns the file's hash.

        Args:
            file: the file, by path or as bytes; of any kind. What nothing here reads is found, and not compared.

        Returns:
            What came of it; see `FileMatch`. That no record is found is the node's word.

        Raises:
            DocumentError: the file cannot be read, or is too large.
            BadAnswer, SecurityAlarm: the node shows what does not verify.
        """
        return self._portal.run(self._calls.find, file)
