#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The words that programs may rely on: every event, every key of the decision
# line, every counter and option is in relayguard(8), and no other.  Prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
page=$srcdir/man/relayguard.8
. "$srcdir/tests/tap.sh"

# compare LABEL: $work/source and $work/manual hold the same words, and some.
compare() {
	sort -u "$work/source" > "$work/a"
	sort -u "$work/manual" > "$work/b"
	{
		comm -23 "$work/a" "$work/b" | sed 's/$/ is not in the manual/'
		comm -13 "$work/a" "$work/b" | sed 's/$/ is in the manual alone/'
		[ -s "$work/a" ] || echo "nothing was found in the source"
	} > "$work/bad"
	check "$1"
}

# code FILE...: without comments and line ends, for calls that go over lines.
code() {
	cat "$@" | tr '\n\t' '  ' | sed 's/\/\*[^*]*\*\// /g' | tr ';' '\n'
}

# section NAME: the part of the page under that heading.
section() {
	awk -v name="$1" '/^\.S[hs] / { on = ($2 == name) } on' "$page"
}

# tagged: the words of the .It Cm lines on standard input.
tagged() {
	sed -n 's/^\.It Cm //p' | tr -d ',' | tr ' ' '\n' | grep .
}

# events FILE...: all that are logged there.
events() {
	code "$@" > "$work/code"
	{
		sed -nE 's/.*(log_event|log_error|log_counters|[^a-z_]fail|[^a-z_]say)\([^"]*"([^"]*)".*/\2/p' "$work/code"
		sed -nE 's/.*breaker_init\([^"]*"([a-z]+)".*/\1-down \1-up/p' "$work/code" | tr ' ' '\n'
		sed -n 's/.*logline_event(//p' "$work/code" | grep -o '"[^"]*"' | tr -d '"'
	} | grep -E '^[a-z]+(-[a-z]+)*$' | grep -vx event
}

# The program beside has a page of its own.
find "$srcdir/milter" -name '*.c' ! -path '*/web/*' > "$work/files"
# File names of ours have no blanks.
# shellcheck disable=SC2046
events $(cat "$work/files") > "$work/source"
section Events | tagged > "$work/manual"
compare "every event is in relayguard(8)"

page=$srcdir/man/relayguard-web.8
events "$srcdir"/milter/web/*.c > "$work/source"
section DIAGNOSTICS | tagged > "$work/manual"
compare "every event of relayguard-web is in relayguard-web(8)"
page=$srcdir/man/relayguard.8

code "$srcdir"/milter/verdict/logrecord.c |
    sed -nE 's/.*(logline_[a-z]*|add_[a-z]*|logrecord_path)\(&*line, "([a-z-]*)".*/\2/p' > "$work/source"
section Decisions | tagged > "$work/manual"
compare "every key of a decision is in relayguard(8)"

sed -n 's/.*X([A-Z_]*, "\([a-z-]*\)").*/\1/p' "$srcdir/include/base/counter.h" > "$work/source"
section Events | awk '/^\.It Cm stopped/ { on = 1; next } /^\.It/ { on = 0 } on' |
    sed -n 's/^\.Cm //p' | tr -d ',;' | tr ' ' '\n' | grep . > "$work/manual"
compare "every counter is in relayguard(8)"

grep -ohE '"(relayguard|process)_[a-z_]*"' "$srcdir"/milter/control/*metrics.c | tr -d '"' > "$work/source"
section METRICS | tagged > "$work/manual"
compare "every metric is in relayguard(8)"

sed -n 's/.*getopt[a-z_]*([^"]*"\([^"]*\)".*/\1/p' "$srcdir/milter/daemon/options.c" | tr -d ':' | fold -w 1 > "$work/source"
section DESCRIPTION | sed -n 's/^\.It Fl \([a-zA-Z]\).*/\1/p' > "$work/manual"
compare "every option is in relayguard(8)"

sed -n 's/^    {"\([a-z-]*\)",.*/\1/p' "$srcdir/milter/ctl/verbs.c" > "$work/source"
page=$srcdir/man/relayguardctl.8
section DESCRIPTION | sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p' > "$work/manual"
compare "every verb is in relayguardctl(8)"

cat "$srcdir"/milter/ctl/doctor*.c | tr -d '\n\t' | grep -oE '(FINDING_[A-Z]+|machine_is_late\([^"]*), *"[a-z-]+"' |
    sed 's/.*"\(.*\)"/\1/' > "$work/source"
section DOCTOR | sed -n 's/^\.It Li //p' | tr -d ',' | tr ' ' '\n' | grep . > "$work/manual"
compare "every check of doctor is in relayguardctl(8)"

cat "$srcdir"/milter/ctl/audit*.c | tr -d '\n\t' | grep -oE '(FINDING_[A-Z]+|machine_is_late\([^"]*), *"[a-z-]+"' |
    sed 's/.*"\(.*\)"/\1/' > "$work/source"
section AUDIT | sed -n 's/^\.It Li //p' | tr -d ',' | tr ' ' '\n' | grep . > "$work/manual"
compare "every check of audit is in relayguardctl(8)"

# A text that no page shows would be translated, and believed to be told.
awk '/^#define [A-Z]*_TABLE/ { table = $2; sub(/_TABLE.*/, "", table) }
    /^\tX\(/ { split($0, part, /[(,]/); print table "_" part[2] }' \
    "$srcdir/include/web/words.h" | sort -u > "$work/a"
cat "$srcdir"/milter/web/*.c | grep -oE '\<(WORD|PART|SLOT)_[A-Z_]*' | sort -u > "$work/b"
{
	[ -s "$work/a" ] || echo "nothing was found in the source"
	comm -23 "$work/a" "$work/b" | sed 's/$/ is shown by no page/'
} > "$work/bad"
check "every text of relayguard-web is shown"

# Each function of HACKING is in the file that stands before it on the line.
grep -oE '[a-z0-9]+/[a-z0-9]+\.[ch]\>|[a-z_0-9]+\(\)' "$srcdir/milter/HACKING" | while read -r word; do
	case $word in
	*/*.c) file=$srcdir/milter/$word ;;
	*/*.h) file=$srcdir/include/$word ;;
	*) grep -q "\<${word%??}(" "$file" || echo "$word is not in $file"; continue ;;
	esac
	[ -e "$file" ] || echo "there is no $word"
done > "$work/bad"
check "the functions that HACKING names are where it says"

finish
