# SPDX-License-Identifier: BSD-2-Clause
"""Another machine than this one, as far as programs can tell."""
import os
import subprocess

from . import server

_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "othermachine.c")
_library = None


def machine(**told):
    """The environment of one: by default all is well; told: as othermachine.c has it."""
    global _library
    if _library is None:
        _library = os.path.join(server.new_dir("machine"), "othermachine.so")
        compiler = os.environ.get("CC", "cc").split()[0]
        subprocess.run([compiler, "-shared", "-fPIC", "-o", _library, _SOURCE, "-ldl"], check=True)
    return {**os.environ, "LD_PRELOAD": _library,
            **{f"MACHINE_{key.upper()}": str(value) for key, value in told.items()}}
