#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The manual pages: mandoc finds no fault in them, and relayguard.conf(5) has
# every keyword of the program under its section, and no other.  Runs where it
# was built; prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}" "${PRINT_KEYWORDS:=tests/print-keywords}"
. "$srcdir/tests/tap.sh"

# A heading under KEYWORDS is a section; "root" has no name in front of its words.
documented() {
	awk '/^\.Sh / { within = $2 == "KEYWORDS" }
	    within && /^\.Ss / { section = $2; if (section != "root") print section }
	    within && /^\.It Ic / { print (section == "root" ? "" : section ".") $3 }' "$1"
}

if "./$PRINT_KEYWORDS" > "$work/known.list" && [ -s "$work/known.list" ]; then
	: > "$work/bad"
else
	echo "$PRINT_KEYWORDS printed nothing" > "$work/bad"
fi
check "keywords are printed"
sort "$work/known.list" > "$work/known"
documented "$srcdir/man/relayguard.conf.5" | sort > "$work/documented"

comm -23 "$work/known" "$work/documented" > "$work/bad"
check "every keyword is documented"
comm -13 "$work/known" "$work/documented" > "$work/bad"
check "every documented keyword is known"
uniq -d "$work/documented" > "$work/bad"
check "none is documented twice"

for page in "$srcdir"/man/*.[1-9]; do
	label="mandoc finds no fault in $(basename "$page")"
	if command -v mandoc > /dev/null; then
		mandoc -T lint -W warning "$page" > "$work/bad" 2>&1
		check "$label"
	else
		count=$((count + 1))
		echo "ok $count - $label # SKIP mandoc is not installed"
	fi
done

finish
