"""The reference of the command line."""

from tests.cli_page import PAGE, write_page


def test_the_page_of_the_command_line_is_what_the_code_says() -> None:
    """docs/cli.md names every command, argument and option as they are; `python -m tests.cli_page` rewrites it."""
    assert PAGE.read_text() == write_page()
