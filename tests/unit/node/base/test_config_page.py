"""The reference of settings, compared with the code."""

from tests.config_page import PAGE, page


def test_the_page_of_settings_is_what_the_code_says() -> None:
    """`python -m tests.config_page` rewrites it."""
    assert PAGE.read_text("utf-8") == page()
