#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What contrib/quickstart and contrib/check share.  Runs where it was built;
# prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
. "$srcdir/tests/tap.sh"
. "$srcdir/contrib/common.sh"
PROGRESS_S=1

# A command that ends when its progress has been told, or after a minute.
cat > "$work/command" <<'END'
echo "first"
echo "what it is at"
tries=0
until grep -q "what it is at" "$1"; do
	tries=$((tries + 1))
	[ "$tries" -lt 600 ] || exit 1
	sleep 0.1
done
exit 3
END
: > "$work/told"
# It reads what is told while that is written.
# shellcheck disable=SC2094
quietly "$work/log" sh "$work/command" "$work/told" > "$work/told" 2> "$work/errors"
status=$?

{ [ "$status" -eq 3 ] || echo "its code was $status"; } > "$work/bad"
check "what takes long says how it goes on, and its code is known"
{ grep -q "what it is at" "$work/errors" || echo "nothing was shown"; } > "$work/bad"
check "the log is shown where it fails"
quietly "$work/log" echo fine > "$work/bad" 2>&1
check "what is soon done is done without a word"
finish
