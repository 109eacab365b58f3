"""For every test: hypothesis gives no example a deadline, since machines that build other things too stall at times.

It takes the same examples each time: what is red is red for everybody. `pytest --hypothesis-profile=fuzz` takes others.

Each of the two workers (`make test JOBS=…`) takes a file at a time. The longest files come first, so that none of
them is begun last, while the other workers have nothing left to do.
"""

import signal

import pytest
from hypothesis import settings

LONGEST = ["test_browser.py", "test_labs.py", "test_site.py", "test_copies.py"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a job in a shell's background, which what tests start inherits
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("dlref", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, derandomize=False, max_examples=4_000)
settings.load_profile("dlref")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    order = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(LONGEST)))
