#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Where lists are asked as it is needed, what is decided is what is decided where all are asked, in
# every scenario: of whom, for whom, what and why.  Runs where it was built; prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
. "$srcdir/tests/tap.sh"

# decisions OPTION: of all scenarios but those that say themselves how is asked.
decisions() {
	grep -L '^	ask = ' "$srcdir"/tests/scenarios/*.scn "$srcdir"/tests/incidents/*.scn |
	    xargs tests/scenario "$1" > "$work/out"
	grep -A 4 '^not ok' "$work/out" >> "$work/bad"
	tail -n 1 "$work/out" | grep -v '^1\.\.' >> "$work/bad"
	grep '^# decided: ' "$work/out"
}

decisions -d > "$work/all"
check "the scenarios, asking all"
decisions -n > "$work/needed"
check "the scenarios, asking as it is needed"

cmp -s "$work/all" "$work/needed" || diff "$work/all" "$work/needed" | head -n 40 > "$work/bad"
check "the same is decided"

[ "$(wc -l < "$work/all")" -ge 20000 ] || wc -l "$work/all" > "$work/bad"
check "of twenty thousand at least"

# All that a decision can come to, and all that can make it, is among them.
for words in verdict=pass verdict=tag verdict=defer verdict=quarantine verdict=refuse verdict=drop \
    meant= apart= reason=auth reason=allow reason=deny reason=exempt reason=lists reason=spf \
    reason=sender reason=host client=2001:db8:; do
	grep -q "$words" "$work/needed" || echo "none with $words"
done > "$work/bad"
check "each action and each reason is among them"

finish
