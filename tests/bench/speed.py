#!/usr/bin/env python3
"""Instructions and system calls that a request costs examples/http_server, within a budget.

Counts do not depend on how busy the machine is. Who makes a request cheaper lowers the budget, to about
a tenth over what was reached.
"""

import measure
from checks import Checks

BUDGET = {"/": 11800, "/json": 11500}
CALLS = 3.1  # poll, recv, send; now and then a poll comes back for nothing


def main():
    checks = Checks()
    binary, wrong = measure.build()
    if checks.note("build", binary, wrong):
        for path, budget in BUDGET.items():
            count = measure.instructions(binary, path)
            checks.note(f"GET {path}: {count:.0f} instructions, budget {budget}", 0 < count <= budget)
        calls = measure.system_calls(binary, "/")
        checks.note(f"GET /: {calls:.2f} system calls, budget {CALLS}", 0 < calls <= CALLS)
    checks.finish()


main()
