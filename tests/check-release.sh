#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# One version everywhere, and NEWS of what programs may have relied on: what the programs say,
# NEWS, the manuals, the Debian packages, and the words of the log that older versions had
# (logwords/VERSION: made of relayguard(8) as it was then, by logwords/words.awk).  Runs where it
# was built; prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
. "$srcdir/tests/tap.sh"

version=$(./relayguard -V)
number=${version#* }
for program in relayguardctl relayguard-web; do
	said=$(./$program -V)
	[ "${said#* }" = "$number" ] || echo "$program: $said, not $number"
done > "$work/bad"
check "all programs have one version"

said=$(head -n 1 "$srcdir/NEWS")
{ [ "$said" = "$version" ] || echo "it begins with $said, not $version"; } > "$work/bad"
check "NEWS begins with it"

said=$(sed -n '1s/^\([^ ]*\) (\([^)]*\)-[0-9]*) [a-z]*;.*/\1 \2/p' "$srcdir/debian/changelog")
{ [ "$said" = "$version" ] || echo "it begins with $said, not $version"; } > "$work/bad"
check "debian/changelog begins with it, and a revision"

for page in "$srcdir"/man/*.[1-9]; do
	grep -qxF ".Os $version" "$page" || echo "$page has no line .Os $version"
done > "$work/bad"
check "each manual is of that version"

# news VERSION: what has come since then for programs that read the log.
news() {
	awk -v old="relayguard $1" '$0 == old { exit }
	    /^[^ ].*:$/ { on = ($0 == "Changed, for programs that read the log:") }
	    on' "$srcdir/NEWS"
}

awk -f "$srcdir/tests/logwords/words.awk" "$srcdir/man/relayguard.8" | sort -u > "$work/words"
sed -n 's/^relayguard \([0-9.]*\)$/\1/p' "$srcdir/NEWS" | tail -n +2 > "$work/versions"
: > "$work/bad"
while read -r old; do
	if [ ! -s "$srcdir/tests/logwords/$old" ]; then
		echo "there is no tests/logwords/$old"
		continue
	fi
	news "$old" > "$work/news"
	comm -23 "$srcdir/tests/logwords/$old" "$work/words" | while read -r kind word; do
		grep -qE "(^|[^a-z-])$word([^a-z-]|\$)" "$work/news" ||
		    echo "$kind $word was there in $old, and NEWS does not say that it is gone"
	done
done < "$work/versions" > "$work/bad"
[ -s "$work/versions" ] || echo "NEWS has no version before" >> "$work/bad"
check "words of the log that are gone since older versions are in NEWS"
finish
