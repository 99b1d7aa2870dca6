# SPDX-License-Identifier: BSD-2-Clause
"""Servers, clients and checks for the end-to-end tests, one noun a file."""
