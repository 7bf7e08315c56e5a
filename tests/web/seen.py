"""The verifier page as somebody sees it in a browser: what is chosen, what is shown, and what it must never do."""

from pathlib import Path
from typing import Any

from tests.web.browsers import Window

BEFORE = """
Date.now = () => %d;
globalThis.broken = [];
const forbidden = (event) => broken.push(`${event.violatedDirective} ${event.blockedURI}`);
document.addEventListener("securitypolicyviolation", forbidden);
"""
"""The present, and a list of what the page's own policy had to forbid."""


class Seen:
    """The page, opened from the disk."""

    def __init__(self, window: Window, file: Path, at: int, behind: str = "", before: str = "") -> None:
        self.window, self.file = window, file
        window.open(file.as_uri() + behind, before=BEFORE % at + before)

    def run(self, function: str, *arguments: Any) -> Any:
        """Call a function in the page."""
        return self.window.run(function, *arguments)

    def until(self, condition: str, *arguments: Any) -> Any:
        """Wait until a function in the page gives something, and give it. Raises AssertionError when it never does."""
        found = self.window.run(
            f"""async (...given) => {{
              const asked = {condition};
              for (let turn = 0; turn < 1500; turn++) {{
                const found = asked(...given);
                if (found) return found;
                await new Promise((resolve) => setTimeout(resolve, 20));
              }}
              return null;
            }}""",
            *arguments,
        )
        assert found, f"never: {condition} {arguments}\n{self.text()[:2000]}"
        return found

    def choose(self, *files: Path, by: str = "choose-proof") -> None:
        """Choose files, and mark what is shown now as old."""
        self.run("() => document.querySelector('#report').firstElementChild?.setAttribute('data-old', '')")
        self.window.choose(f"#{by}", *files)

    def verdict(self) -> str:
        """Wait for a verdict that was not there when files were last chosen, and give it as Python names it."""
        return str(
            self.until(
                """() => {
                  const card = document.querySelector("#report:not([hidden]) > .verdict:not([data-old])");
                  return card && card.className.split("v-")[1].replaceAll("-", " ");
                }"""
            )
        )

    def text(self, selector: str = "body") -> str:
        """Give what is to be read of an element."""
        return str(self.run("(selector) => document.querySelector(selector)?.innerText ?? ''", selector))

    def speak(self, language: str) -> None:
        """Choose a language."""
        self.run(
            """(language) => {
              const select = document.querySelector("#language");
              select.value = language;
              select.dispatchEvent(new Event("change"));
            }""",
            language,
        )

    def kept_to_itself(self) -> None:
        """Insist that nothing left the page, and that its policy had nothing to forbid."""
        away = [address for address in self.window.requests if not address.startswith(("file:", "data:", "blob:"))]
        assert not away
        assert self.run("() => broken") == []
