"""Runs programs as `python -W error FILE` would, each in a process of its own, but imports what they share only once.

On standard input: `{"modules": [NAME…], "runner": FILE, "jobs": [[TEXT, FILE, OUTPUT]…]}`. A program runs in FILE's
folder; what it writes goes to OUTPUT.out and OUTPUT.err, what the figures show that it leaves open to OUTPUT.json.
Printed: the list of exit statuses. Of `dlref` it knows only what reads figures, and loads that when a program has
ended: nothing here is as the engine would make it.
"""

import importlib.util
import json
import os
import sys
import types
from pathlib import Path
from typing import NoReturn

AT_ONCE = 2


def figures(runner: str) -> list[list[str]]:
    """Return what each open figure shows, in the words of a runner of snippets."""
    if "matplotlib.pyplot" not in sys.modules:
        return []
    spec = importlib.util.spec_from_file_location("runner", runner)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [shows for _, shows in module.figures("copy", 100)]


def run(text: str, file: str, output: str, runner: str) -> NoReturn:
    """Be that program from here on; whatever it raises ends this process with status 1."""
    os.chdir(Path(file).parent)
    for stream, name in (1, "out"), (2, "err"):
        os.dup2(os.open(f"{output}.{name}", os.O_CREAT | os.O_WRONLY | os.O_TRUNC), stream)
    sys.argv = [file]
    sys.modules["__main__"] = main = types.ModuleType("__main__")
    main.__file__ = file
    exec(compile(text, file, "exec"), main.__dict__)
    sys.stdout.flush()
    Path(f"{output}.json").write_text(json.dumps(figures(runner)), encoding="utf-8")
    sys.stderr.flush()
    os._exit(0)  # to tidy up what it did not import itself would take longer than most programs


def main() -> None:
    asked = json.load(sys.stdin)
    for name in asked["modules"]:
        importlib.import_module(name)
    running, statuses = dict[int, int](), dict[int, int]()

    def wait() -> None:
        ended, status = os.wait()
        statuses[running.pop(ended)] = os.waitstatus_to_exitcode(status)

    for number, (text, file, output) in enumerate(asked["jobs"]):
        if len(running) == AT_ONCE:
            wait()
        if (child := os.fork()) == 0:
            run(text, file, output, asked["runner"])
        running[child] = number
    while running:
        wait()
    json.dump([statuses[number] for number in sorted(statuses)], sys.stdout)


if __name__ == "__main__":
    main()
