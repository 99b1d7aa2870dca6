# SPDX-License-Identifier: BSD-2-Clause
"""What tests/bench/peers/run is made of."""
import os
import sys

# Starting and ending real servers is what the end-to-end tests do as well.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "..", "e2e"))
