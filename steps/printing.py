"""A printer in the network, and what it printed."""

from __future__ import annotations

from pytest_bdd import given, parsers, then

from harness.lab.lab import Lab
from steps.contents import KINDS


@given(parsers.parse('a network printer "{name}"'))
def network_printer(lab: Lab, name: str) -> None:
    lab.network.printer(name)


@then(parsers.parse('the printer "{name}" prints "{text}"'))
def prints(lab: Lab, name: str, text: str) -> None:
    # A job goes through a queue of the guest's before it comes.
    jobs = lab.network.printer(name).jobs
    for last in lab.deadline(30).attempts():
        if any(text.encode() in job or KINDS["PDF document"].says(job, text) for job in list(jobs)):
            return
        assert not last, f"{name} printed {[job[:60] for job in jobs] or 'nothing'}"
