#!/usr/bin/env python3
"""The public headers compile in every language they promise, alone and twice, without a warning; so do the programs
of the README and of programs/, which hold the shape of the API: what users write must stay that short."""

import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checks import ROOT, Checks, fresh  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wcast-qual", "-Wundef", "-Werror", "-fsyntax-only"]
LANGUAGES = [
    ("gcc", "c99", ".c", []), ("gcc", "c11", ".c", []), ("gcc", "c2x", ".c", []),
    ("g++", "c++11", ".cpp", []), ("g++", "c++17", ".cpp", []),
    ("arm-none-eabi-gcc", "c99", ".c", ["-mcpu=cortex-m0plus", "-mthumb"]),
    ("riscv64-unknown-elf-gcc", "c99", ".c", ["-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"]),
]


def main():
    checks = Checks()
    folder = fresh("header")
    include = os.path.join(ROOT, "include")
    headers = [os.path.relpath(p, include) for p in sorted(glob.glob(os.path.join(include, "dunlin", "*.h")))]
    programs = {f"{h} twice": f"#include <{h}>\n#include <{h}>\n" for h in headers}
    programs["all together"] = "".join(f"#include <{h}>\n" for h in headers + headers)
    for path in sorted(glob.glob(os.path.join(HERE, "programs", "*.c"))):
        programs[os.path.basename(path)[:-2]] = open(path).read()
    programs["README"] = readme_program()
    programs["initialisers"] = initialisers(open(os.path.join(include, "dunlin", "dunlin.h")).read())
    for name, text in programs.items():
        for compiler, standard, suffix, flags in LANGUAGES:
            path = os.path.join(folder, name.replace("/", "_").replace(" ", "_") + suffix)
            with open(path, "w") as file:
                file.write(text + "typedef int not_empty;\n")
            command = [compiler, f"-std={standard}", *flags, *STRICT, "-I", include, path]
            checks.run(f"{name}: {compiler} {standard}", command)
    # The check itself: a header with a warning must fail.
    bad = os.path.join(folder, "bad.c")
    with open(bad, "w") as file:
        file.write("static inline int f(const char *p) { char *q = (char *)p; return q == 0; }\n")
    failed = subprocess.run(["gcc", "-std=c99", *STRICT, bad], capture_output=True, check=False).returncode != 0
    checks.note("a warning is an error", failed)
    checks.finish()


def readme_program():
    """The C program that the README shows."""
    text = open(os.path.join(ROOT, "README.md")).read()
    return text.split("```c\n", 1)[1].split("```", 1)[0]


def initialisers(header):
    """A program that uses every DUNLIN_X_INIT, as a local and, in C, as a constant."""
    lines = ["#include <dunlin/dunlin.h>", "uint32_t use(void);", "uint32_t use(void)", "{", "    uint32_t sum = 0;"]
    names = [line.split()[1] for line in header.splitlines()
             if line.startswith("#define DUNLIN_") and line.split()[1].endswith("_INIT")]
    for i, macro in enumerate(dict.fromkeys(names)):
        struct = macro[:-len("_INIT")].lower()
        lines += [f"    struct {struct} v{i} = {macro};", f"    static const struct {struct} s{i} = {macro};",
                  f"    sum += v{i}.size + s{i}.size;"]
    lines += ["    return sum;", "}", ""]
    return "\n".join(lines)


main()
