#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Make configure, in a tree that comes from the repository.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf -i "$@"
