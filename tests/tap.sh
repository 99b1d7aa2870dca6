# SPDX-License-Identifier: BSD-2-Clause
# What the check-*.sh share: a folder of their own in $work, and checks in TAP.
# shellcheck shell=sh

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
count=0
failures=0

# check LABEL: one check, which holds if nothing was written to $work/bad.
check() {
	count=$((count + 1))
	if [ -s "$work/bad" ]; then
		failures=$((failures + 1))
		echo "not ok $count - $1"
		sed 's/^/# /' "$work/bad"
	else
		echo "ok $count - $1"
	fi
}

# finish: the plan, and whether all held.
finish() {
	echo "1..$count"
	[ "$failures" -eq 0 ]
}
