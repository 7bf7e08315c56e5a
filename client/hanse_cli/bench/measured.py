"""How figures look."""

from hanse_cli.base.console import table
from hanse_cli.base.session import answer
from hanse_cli.bench.work import Measured


def answer_figures(measured: Measured, *, as_json: bool) -> None:
    """Give what was measured, with the machine and the settings it was measured on."""
    machine, settings = measured.machine, measured.settings
    rows = [
        ("benchmark", measured.benchmark),
        ("machine", f"{machine.processor}, {machine.cores} cores, {machine.system}, Python {machine.python}"),
        ("python_build", f"{machine.python_build} (how Python was optimised)"),
        (
            "settings",
            f"{settings.records} records, {settings.batch} a call, {settings.callers} callers,"
            f" {settings.objects} objects before, {settings.consortium} nodes",
        ),
        ("records_per_second", f"{measured.records_per_second:.1f}"),
        ("p50_ms", f"{measured.p50_ms:.2f}, {measured.p50_verifications:.1f} verifications"),
        ("p95_ms", f"{measured.p95_ms:.2f}, {measured.p95_verifications:.1f} verifications"),
        ("p99_ms", f"{measured.p99_ms:.2f}, {measured.p99_verifications:.1f} verifications"),
        ("pynacl_verify_per_second", f"{measured.pynacl_verify_per_second:.0f}"),
        ("ratio", f"{measured.ratio:.3f}"),
        *(
            (name, str(value))
            for name in (
                "node_cpu_us_per_record",
                "node_cpu_verifications_per_record",
                "node_memory_bytes",
                "disk_bytes_per_record",
            )
            if (value := getattr(measured, name)) is not None
        ),
    ]
    rows += [
        (f"at {stop.entries} entries", f"{stop.records_per_second:.1f} a second, ratio {stop.ratio:.3f}")
        for stop in measured.stops or ()
    ]
    answer(measured, table(rows), as_json=as_json)
