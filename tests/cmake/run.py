#!/usr/bin/env python3
"""An application outside the repository gets Dunlin in each promised way, is built and run."""

import os
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checks import ROOT, Checks, call, cargo_dir, fresh  # noqa: E402

CONSUMER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "consumer")
APPS = ["app_core", "app", "app_cpp", "app_kit"]
# What a user's shell may have for other projects must not reach ours.
STRAY = {**os.environ, "RUSTFLAGS": "--cfg stray -Dwarnings", "CARGO_BUILD_TARGET": "thumbv6m-none-eabi"}


def main():
    checks = Checks()
    folder = fresh("consumer")
    shared = f"-DDUNLIN_CARGO_DIR={cargo_dir()}"

    tarball = os.path.join(folder, "dunlin.tar.gz")
    pack(tarball)
    consume(checks, folder, "add_subdirectory", [f"-DDUNLIN_SOURCE={ROOT}", shared])
    consume(checks, folder, "FetchContent", [f"-DDUNLIN_SOURCE={tarball}", shared])

    # Installed, then moved: nothing may remember where it was built.
    build, first, prefix = (os.path.join(folder, name) for name in ("dunlin", "first", "moved"))
    checks.run("install: configure", ["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                                      "-DCMAKE_INSTALL_LIBDIR=lib", shared], env=STRAY)
    checks.run("install: build", ["cmake", "--build", build], env=STRAY)
    checks.run("install", ["cmake", "--install", build, "--prefix", first])
    os.rename(first, prefix)
    checks.run("symbols", ["cargo", "xtask", "symbols", os.path.join(prefix, "lib", "libdunlin.a")], show=True)
    consume(checks, folder, "find_package", [f"-DCMAKE_PREFIX_PATH={prefix}"])
    pkg_config(checks, folder, prefix)
    rebuilds(checks, build)
    numbers(checks, folder)
    checks.finish()


def pack(path):
    """The tree as a release has it: tracked files, or everything but build results."""
    code, text = call(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], 60)
    names = [n for n in text.split("\0") if n] if code == 0 else walk()
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            if os.path.exists(os.path.join(ROOT, name)):
                tar.add(os.path.join(ROOT, name), arcname=os.path.join("dunlin", name))


def walk():
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in ("target", "build", ".git")]
        yield from (os.path.relpath(os.path.join(folder, f), ROOT) for f in files)


def consume(checks, folder, way, options):
    build = os.path.join(folder, way)
    checks.run(f"{way}: configure", ["cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DWAY={way}",
                                     "-DCMAKE_BUILD_TYPE=Release", *options], env=STRAY)
    checks.run(f"{way}: build", ["cmake", "--build", build], env=STRAY)
    for app in APPS:
        checks.run(f"{way}: run {app}", [os.path.join(build, app)], timeout=30)


def pkg_config(checks, folder, prefix):
    env = {**os.environ, "PKG_CONFIG_PATH": os.path.join(prefix, "lib", "pkgconfig")}
    for app, package in (("app_core", "dunlin-posix"), ("app", "dunlin-posix")):
        query = subprocess.run(["pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs", package],
                               env=env, capture_output=True, text=True, check=False)
        program = os.path.join(folder, f"pkg-{app}")
        checks.run(f"pkg-config: build {app}", ["gcc", "-std=c99", "-Wall", "-Werror", "-o", program,
                                                os.path.join(CONSUMER, app + ".c"), *query.stdout.split()])
        checks.run(f"pkg-config: run {app}", [program], timeout=30)


def rebuilds(checks, build):
    """cargo always runs, and without a change nothing after it does."""
    code, text = call(["cmake", "--build", build, "--verbose"], 120)
    checks.note("a second build calls cargo and nothing more",
                code == 0 and "cargo rustc" in text and "DunlinPrelink" not in text, text)


def numbers(checks, folder):
    """Build numbers go from the CMake cache to build.rs, which rejects what it does not know."""
    for value, want in (("7", 0), ("4000000", 1)):
        build = os.path.join(folder, f"numbers-{value}")
        call(["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", f"-DDUNLIN_MAX_CONNS={value}",
              f"-DDUNLIN_CARGO_DIR={os.path.join(folder, 'numbers')}"], 120)
        checks.run(f"DUNLIN_MAX_CONNS={value} is {'accepted' if want == 0 else 'refused'}",
                   ["cmake", "--build", build], want=want)


main()
