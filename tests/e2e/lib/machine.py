# SPDX-License-Identifier: BSD-2-Clause
"""Another machine than this one, as far as programs can tell."""
import os
import shutil
import subprocess

from . import server

_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "othermachine.c")
_COMPILER = os.environ.get("CC", "cc").split()[0]
_library = None


def why_not():
    """Why there can be none here, or None."""
    return None if shutil.which(_COMPILER) else "there is no compiler"


def machine(**told):
    """The environment of one: by default all is well; told: as othermachine.c has it."""
    global _library
    if _library is None:
        _library = os.path.join(server.new_dir("machine"), "othermachine.so")
        subprocess.run([_COMPILER, "-shared", "-fPIC", "-o", _library, _SOURCE, "-ldl"], check=True)
    # A sanitizer that is built in would be first, and none need be.
    asan = os.environ.get("ASAN_OPTIONS", "detect_leaks=0") + ":verify_asan_link_order=0"
    return {**os.environ, "LD_PRELOAD": _library, "ASAN_OPTIONS": asan,
            **{f"MACHINE_{key.upper()}": str(value) for key, value in told.items()}}
