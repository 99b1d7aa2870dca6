#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# After each decision of each scenario, "explain" says what has happened: the line in the log
# and the reply.  Runs where it was built; prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
. "$srcdir/tests/tap.sh"

tests/scenario -e "$srcdir"/tests/scenarios/*.scn "$srcdir"/tests/incidents/*.scn > "$work/out"
{ grep -A 12 '^not ok' "$work/out"; tail -n 1 "$work/out" | grep -v '^1\.\.'; } > "$work/bad"
check "what explain says is what happens"

sed -n 's/^# explained: //p' "$work/out" > "$work/explained"
[ "$(wc -l < "$work/explained")" -ge 1000 ] || wc -l "$work/explained" > "$work/bad"
check "a thousand decisions are explained"

# All that a decision can come to, and all that can make it, is among them.
for words in verdict=pass verdict=tag verdict=defer verdict=quarantine verdict=refuse verdict=drop \
    meant= softened= reason=allow reason=deny reason=exempt reason=lists reason=spf \
    groups= shadowed= shadow-unknown= doubted= unproven= suspended= unknown= not-awaited= \
    iprev= spf=pass spf=fail spf=softfail spf=permerror spf=temperror spf=unknown \
    note= helo: sender: 2001:db8:; do
	grep -q "$words" "$work/explained" || echo "none with $words"
done > "$work/bad"
check "each action and each reason is explained"

finish
