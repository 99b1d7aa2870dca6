# SPDX-License-Identifier: BSD-2-Clause
"""The rows of the table: what they need (rig, table), and the measurements."""
