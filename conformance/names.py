"""Reads tests/mapping/people.tsv with nameparser, the library that our name splitter is measured against.

Prints how many of the people have their given and their family name both right; `cargo test people_of_many_cultures`
prints the same of ours. nameparser takes no locale.
"""

import pathlib

from nameparser import HumanName

PEOPLE = pathlib.Path(__file__).parent.parent / "tests" / "mapping" / "people.tsv"


def main() -> None:
    lines = [line for line in PEOPLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    right = 0
    for line in lines:
        whole, _locale, _prefix, given, _middle, family, _suffix = line.split("\t")
        name = HumanName(whole)
        right += (name.first or "-", name.last or "-") == (given, family)
    print(f"nameparser reads {right} of {len(lines)} people right")


if __name__ == "__main__":
    main()
