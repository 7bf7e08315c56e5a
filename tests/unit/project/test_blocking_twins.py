"""The blocking classes of the SDK are those that the async ones make."""

from tests.blocking_twins import SDK, write_twins


def test_blocking_classes_are_what_the_async_ones_say() -> None:
    """`client.py` and `sync/` are as the script writes them; `python -m tests.blocking_twins` rewrites them."""
    twins = write_twins()
    assert {path: path.read_text("utf-8") for path in twins} == twins


def test_no_blocking_class_is_left_behind() -> None:
    """Every file of `sync/` has its namesake in `resources/`."""
    assert {path for path in (SDK / "sync").glob("*.py") if path.name != "__init__.py"} <= write_twins().keys()
