#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The unit for systemd shuts in what it runs: an exposure of 1.5 or less, as
# systemd-analyze rates it; and its sockets keep their groups.  Runs where it was built; prints
# TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
. "$srcdir/tests/tap.sh"

# systemd gives a folder that is root's, and all in it, to the user of the service whose
# RuntimeDirectory= it is.
for socket in "$srcdir"/contrib/relayguard-*.socket; do
	! grep -q '^ListenStream=/run/relayguard/' "$socket" ||
	    grep -q '^ExecStartPre=.*install -d -o relayguard .* /run/relayguard$' "$socket" ||
	    echo "$socket: the folder is root's"
done > "$work/bad"
check "the daemon's folder is its own before there are sockets in it"

label="the unit's exposure is 1.5 or less"
: > "$work/bad"
if command -v systemd-analyze > /dev/null; then
	systemd-analyze security --offline=true --threshold=15 relayguard.service > "$work/said" 2>&1 ||
	    cp "$work/said" "$work/bad"
	check "$label"
	sed -n '/Overall exposure/s/^/# /p' "$work/said"
else
	check "$label # SKIP systemd-analyze is not installed"
fi
finish
