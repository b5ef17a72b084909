"""``make bench``: every bench, one after the other; a name runs just that one."""

import importlib
import sys

NAMES = (
    "compose",
    "composer",
    "pages",
    "signing",
    "send_wire",
    "send",
    "freeze",
    "imports",
    "exports",
    "tracking",
    "crowd",
    "rates",
    "endurance",
    "faults",
)


def main(chosen: list[str]) -> None:
    """Run the chosen benches, or all of them."""
    for name in chosen or NAMES:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"tests.benches.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
