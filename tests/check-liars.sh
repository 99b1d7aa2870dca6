#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Lists that lie in part, one question in N by chance: how many good clients are refused.
# RUNS seeds for each share, with the list's own servers and behind a resolver.  Runs
# where it was built; prints TAP, and a table.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}" "${RUNS:=4}"
. "$srcdir/tests/tap.sh"
sessions=5000

# scenario SERVERS SEED SHARE WHO: a list that is good first, and then lies.  Chance is of
# the question, not of its type: the same seed would tell both kinds the same lies.
scenario() {
	cat <<END
seed $2
list bl.example lists bad
conf
	health { }
	list "bl" { zone = "bl.example" $1
		answer "127.0.0.2" { category = "spam-source" score = 5 } }
	policy "default" { lists = { "bl" } refuse = 5 }
wait 5s
list bl.example lists bad liar 1/$3 127.0.0.2
traffic $sessions $4 every 500ms => ...
asked *.bl.example AAAA 0
tally $3
END
}

# measure KIND SHARE WHO: RUNS rows of "all refused deferred" of good clients in
# $work/rows, and how often AAAA was asked for in $work/types.
measure() {
	: > "$work/rows"
	: > "$work/types"
	case $1 in
	direct) servers='servers = { "192.0.2.1", "192.0.2.2", "192.0.2.3" }' first=0 ;;
	*) servers='' first=1000 ;;
	esac
	run=0
	while [ "$run" -lt "$RUNS" ]; do
		run=$((run + 1))
		scenario "$servers" "$((first + run))" "$2" "$3" > "$work/liar.scn"
		tests/scenario "$work/liar.scn" > "$work/out" 2> "$work/log"
		sed -n 's/^# incident: [^|]*| *\([0-9]*\) *\([0-9]*\) *\([0-9]*\) .*/\1 \2 \3/p' \
		    "$work/out" >> "$work/rows"
		grep -c '^ok .*asked .*AAAA 0$' "$work/out" >> "$work/types"
	done
}

for who in mixed good; do
	for share in 2 4 10 50; do
		for kind in direct resolver; do
			measure "$kind" "$share" "$who"
			awk -v runs="$RUNS" -v label="$kind 1/$share $who" '
			    { ref += $2; def += $3; all += $1; if ($2 > most) most = $2 }
			    END {
				if (NR != runs)
					print "only " NR " of " runs " runs have a row" > "/dev/stderr"
				else
					printf "# %-22s | %5.2f %3d | %7.1f of %d\n", label,
					    ref / NR, most, def / NR, all / NR
				if (NR == runs && ref > runs)
					print "wrong refusals a run: " ref / NR > "/dev/stderr"
				if (most > 3)
					print "wrong refusals in one run: " most > "/dev/stderr"
			    }' "$work/rows" 2> "$work/bad"
			check "$kind 1/$share $who: at most 1 wrong refusal a run, 3 in one"
			# Own servers are not asked for other types: they were really asked.
			if [ "$kind" = direct ]; then
				{ grep -qv '^1$' "$work/types" && echo "AAAA was asked for"; } > "$work/bad"
				check "$kind 1/$share $who: the own servers are asked"
			fi
		done
	done
done
finish
