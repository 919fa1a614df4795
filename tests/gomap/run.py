#!/usr/bin/env python3
"""Go's symbols against docs/go-map.md: every symbol of the lists has a row, and every name in a row exists.

    tests/gomap/run.py [LIST...]     the lists are tests/gomap/symbols*.txt, one symbol a line
"""

import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checks import ROOT, Checks  # noqa: E402

NOT_YET = "not yet"


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as file:
        return file.read()


def rows_of(text):
    """Symbol -> its rows, each the two cells behind it."""
    rows = {}
    for line in text.splitlines():
        cells = [c.strip() for c in line.split("|")]
        if len(cells) == 5 and re.fullmatch(r"`[\w.]+`", cells[1]):
            rows.setdefault(cells[1].strip("`"), []).append((cells[2], cells[3]))
    return rows


def header_names(text):
    """Functions and constants that the header declares; a name in a comment does not count."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    functions = set(re.findall(r"\b(dunlin_\w+)\(", text))
    constants = set(re.findall(r"^#define (DUNLIN_\w+)", text, re.M)) | set(re.findall(r"^ +(DUNLIN_\w+) =", text, re.M))
    return functions | constants, set(re.findall(r"^struct (dunlin_\w+) \{", text, re.M))


def rust_item(path):
    """Says whether the file of a path's module defines its last name."""
    *module, item = path.split("::")
    stem = os.path.join(ROOT, "src", *module)
    for file in (stem + ".rs", os.path.join(stem, "mod.rs")):
        if os.path.exists(file):
            with open(file, encoding="utf-8") as source:
                text = source.read()
            defined = rf"\bpub (?:const |unsafe )*(?:fn|struct|enum|type|const|static|trait) {item}\b"
            # The errors stand in a table.
            return re.search(defined, text) or re.search(rf"^    {item} \w+ \"", text, re.M)
    return None


def judge(symbol, rows, names, structs):
    """What is wrong with a symbol's row; None for a good one, NOT_YET for one that has nothing."""
    found = rows.get(symbol, [])
    if len(found) != 1:
        return f"{len(found)} rows"
    c, rust = found[0]
    if rust == NOT_YET:
        return NOT_YET if c == "-" else "not yet, but a name"
    if not rust:
        return "neither a name nor a reason"
    for name in re.findall(r"`([^`]+)`", c):
        if name not in names:
            return f"dunlin.h has no {name}"
    for name in re.findall(r"`struct (\w+)`", rust):
        if name not in structs:
            return f"dunlin.h has no struct {name}"
    for path in re.findall(r"`((?:\w+::)+\w+)`", rust):
        if not rust_item(path):
            return f"no {path}"
    if c == "-" and not re.search(r"`(?:\w+::)+\w+`|`struct \w+`", rust) and len(rust.split()) < 4:
        return "no name, and no reason"
    return None


def self_check(check):
    """The judge finds what it must."""
    names, structs = {"dunlin_dial", "DUNLIN_ERR_CLOSED"}, {"dunlin_addr"}
    good = rows_of("| Go | C | R |\n| `net.A` | `dunlin_dial` | `net::dial::dial` |\n")
    check.note("a good row is good", judge("net.A", good, names, structs) is None)
    for what, text in (
        ("a missing row", "| `net.B` | `dunlin_dial` | x |"),
        ("two rows", "| `net.A` | `dunlin_dial` | a b c d |\n| `net.A` | - | a b c d |"),
        ("a false function", "| `net.A` | `dunlin_dail` | `net::dial::dial` |"),
        ("a false constant", "| `net.A` | `DUNLIN_ERR_CLOSEDD` | a b c d |"),
        ("a false struct", "| `net.A` | - | `struct dunlin_adr` |"),
        ("a false Rust item", "| `net.A` | - | `net::dial::dail` |"),
        ("a false Rust module", "| `net.A` | - | `net::dail::dial` |"),
        ("no reason", "| `net.A` | - | none |"),
        ("an empty cell", "| `net.A` | - | |"),
    ):
        result = judge("net.A", rows_of(text + "\n"), names, structs)
        check.note(f"{what} is found", result not in (None, NOT_YET), str(result))


def main():
    check = Checks()
    self_check(check)
    lists = sys.argv[1:] or sorted(glob.glob(os.path.join(ROOT, "tests", "gomap", "symbols*.txt")))
    rows = rows_of(read("docs", "go-map.md"))
    names, structs = header_names(read("include", "dunlin", "dunlin.h"))
    wanted = []
    for path in lists:
        with open(path, encoding="utf-8") as file:
            symbols = file.read().split()
        check.note(f"{os.path.basename(path)}: {len(symbols)} symbols", len(symbols) > 50)
        wanted += symbols
    for symbol in wanted:
        wrong = judge(symbol, rows, names, structs)
        if wrong == NOT_YET:
            check.skipped += 1
            print(f"not yet {symbol}")
        elif wrong:
            check.note(symbol, False, wrong)
        else:
            check.passed += 1
    for symbol in sorted(set(rows) - set(wanted)):
        check.note(symbol, False, "a row of no list's symbol")
    check.finish()


main()
