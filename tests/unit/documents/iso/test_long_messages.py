"""Messages of thousands of payments: reading takes as long as the message is."""

from collections.abc import Callable

import pytest
from lxml import etree

from hanse_documents.syntax.iso import spots
from hanse_documents.syntax.iso20022 import read_iso20022
from tests.world.messages import entry, notice, transfer

ONE = entry("30.00")
DETAIL = ONE[ONE.index("<TxDtls>") : ONE.index("</NtryDtls>")]
TRANSFER = transfer("30.00").decode()
MOVED = TRANSFER[TRANSFER.index("<CdtTrfTxInf>") : TRANSFER.index("</FIToFICstmrCdtTrf>")]

MESSAGES: dict[str, Callable[[int], bytes]] = {
    "Ntfctn": lambda many: notice(*[ONE] * many),
    "Ntry": lambda many: notice(ONE.replace("30.00", f"{30 * many}.00", 1).replace(DETAIL, DETAIL * many)),
    "FIToFICstmrCdtTrf": lambda many: TRANSFER.replace(MOVED, MOVED * many).encode(),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_what_holds_them_all_is_searched_as_often_for_few(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands once beside many payments is looked for once, not once a payment."""
    searched: list[str] = []
    find = spots._found

    def counting(element: etree._Element | None, path: str) -> list[etree._Element]:
        if element is not None:
            searched.append(str(element.tag).rpartition("}")[2])
        return find(element, path)

    monkeypatch.setattr(spots, "_found", counting)
    counts = []
    for many in (10, 100):
        searched.clear()
        assert len(read_iso20022(MESSAGES[name](many))) == many
        counts.append(searched.count(name))
    assert counts[0] == counts[1] > 0
