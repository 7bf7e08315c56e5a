"""Ten thousand files that want something else of the page: nothing runs, and nothing is shown in another's place."""

import base64
import os
from collections import Counter
from itertools import islice

import pytest

from hanse_ledger.proofs.statuscode import check_code_form, check_status, is_code
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from tests.web.browsers import Browser
from tests.web.chosen import NOW, expected
from tests.web.conftest import OpenPage
from tests.web.hostile import SKULL, Hostile, hostile_files
from tests.world.corridor_genesis import GENESIS

pytestmark = [pytest.mark.system, pytest.mark.slow]

TRUST = TrustFile(GENESIS).to_bytes()
SEEDS = {"chromium": 1, "firefox": 2}
COUNT = 10_000 if os.environ.get("HANSE_EVERY_CALL") == "1" else 5_000
"""For each browser, of its own: ten thousand in both, and in a soak in each."""

GOOD = ("valid", "valid with warnings")

FEED = """async (files, skull, at) => {
  const trust = chosen.baked, seen = [];
  const unseen = /[\\u0000-\\u0008\\u000b-\\u001f\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]/;
  const made = "img, iframe, object, embed, a, form, base, link, body style, body meta, body > :not(header, main, footer, script)";
  for (const { name, data, type, code } of files) {
    Object.assign(chosen, { trust, trustName: "", trustProblem: null, files: [], codeSaid: null });
    clearReport();
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const file = new File([bytes], name, { type });
    try { await (code === null ? takeFiles([file]) : takeCode(code)); } catch (error) { shown(error); }
    const wrong = [], card = document.querySelector("#report:not([hidden]) > .verdict");
    const verdict = card && card.className.split("v-")[1].replaceAll("-", " ");
    if (globalThis.hit !== undefined) wrong.push("something has run");
    if (document.scripts.length !== 1 || document.querySelector(made)) wrong.push("something was made");
    if (unseen.test(document.body.textContent)) wrong.push("a mark is shown");
    if (card && document.querySelector("#verdict").textContent !== verdictWords(verdict)) wrong.push("another verdict is read");
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (texts.currentNode.data.includes(skull) && !texts.currentNode.parentElement.closest("bdi, script")) {
        wrong.push(`not apart: ${texts.currentNode.parentElement.outerHTML.slice(0, 200)}`);
      }
    }
    if (card?.textContent.includes("a fault of this page")) wrong.push(`a fault: ${card.textContent}`);
    const skulls = document.querySelector("main").textContent.includes(skull);
    seen.push([verdict, skulls, wrong]);
  }
  return seen;
}"""  # noqa: E501 (JavaScript)


def pythons(hostile: Hostile) -> str | None:
    """Give Python's verdict on a file or a code."""
    if hostile.code is None:
        return expected(hostile.data, TRUST, NOW)
    if not is_code(hostile.code):
        return None
    assert check_code_form(hostile.code).verdict.value not in GOOD
    return check_status(hostile.code, read_trust(TRUST), NOW).verdict.value


@pytest.mark.timeout(1_800)
def test_nothing_runs_and_nothing_stands_elsewhere(browser: Browser, open_page: OpenPage) -> None:
    """Of each file the page says what Python says, or nothing; its texts stand apart, in one line, as letters."""
    seen, count = open_page(TRUST), COUNT
    verdicts: Counter[str | None] = Counter()
    shown = 0
    files = hostile_files(SEEDS[browser.name], count)
    while batch := list(islice(files, 100)):
        fed = [
            {
                "name": each.name,
                "data": base64.b64encode(each.data).decode(),
                "type": each.type,
                "code": each.code,
            }
            for each in batch
        ]
        for hostile, (verdict, skulls, wrong) in zip(batch, seen.run(FEED, fed, SKULL, NOW), strict=True):
            assert not wrong, (hostile, verdict, wrong)
            shown += skulls
            verdicts[verdict] += 1
            if verdict is not None:
                assert verdict == pythons(hostile), hostile
            else:
                assert hostile.code is not None or hostile.type or b'"hanse.trust/' in hostile.data[:200], hostile
    assert set(verdicts) >= {None, "tampered", "unsupported format", "valid with warnings"}
    assert shown > count // 2, "what is shown of them has to be shown"
    assert seen.run("() => globalThis.hit ?? null") is None
    seen.kept_to_itself()
