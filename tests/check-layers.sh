#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The order of the files: nobody reaches up, nobody goes round in a circle, a
# library's header is included in one place, and no name of ours is a library's.
# The rank of a file is the "Rank N" in the first comment of its header.  Runs
# where it was built; prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}" "${CC:=cc}" "${NM:=nm}"
archive=librelayguard.a
. "$srcdir/tests/tap.sh"

# noun FILE: the name without folder and ending.
noun() {
	basename "$1" | sed 's/\.[ch]$//'
}

first_comment() {
	awk '/SPDX/ { next } { print } /\*\// { exit }' "$1"
}

# ranks: "noun rank".  main has no header, and stands above all.
for file in "$srcdir"/include/*.h; do
	rank=$(first_comment "$file" | sed -n 's/.*Rank \([0-9][0-9]*\).*/\1/p' | head -n 1)
	echo "$(noun "$file") ${rank:-none}"
done > "$work/ranks"
echo "main 99" >> "$work/ranks"

# includes: "file what", what as it stands between quotes or angles.
for file in "$srcdir"/include/*.h "$srcdir"/milter/*.c; do
	sed -n 's/^#[ 	]*include[ 	]*\(["<][^">]*\).*/\1/p' "$file" |
	    sed "s|^|$(basename "$file") |"
done > "$work/includes"

# symbols: "noun type name" of all our objects; sanitizers' own are left out.
"$NM" -A -P "$archive" milter/main.o | sed 's/^[^[]*\[\([^]]*\)\]: /\1 /; s/^[^ :]*\/\([^ \/:]*\): /\1 /' |
    awk '$2 !~ /^_/ && $2 !~ /[.$]/ { sub(/\.o$/, "", $1); print $1, $3, $2 }' > "$work/symbols"

# edges: "from to how" between our own files.
{
	awk '$2 ~ /^"/ { from = $1; to = substr($2, 2); sub(/\.[ch]$/, "", from); sub(/\.h$/, "", to)
	    if (from != to && to != "config") print from, to, "includes" }' "$work/includes"
	awk 'NR == FNR { if ($2 ~ /^[A-TV-Z]$/) owner[$3] = $1; next }
	    $2 == "U" && $3 in owner && owner[$3] != $1 { print $1, owner[$3], "calls" }' \
	    "$work/symbols" "$work/symbols"
} | sort -u > "$work/edges"

awk '$2 == "none" { print $1 " has no rank" }' "$work/ranks" > "$work/bad"
check "every header says its rank"

for file in "$srcdir"/milter/*.c; do
	grep -q "^$(noun "$file") " "$work/ranks" || echo "$file has no header"
done > "$work/bad"
check "every file has its header"

for file in "$srcdir"/milter/*.c "$srcdir"/tests/unit/*.c; do
	name=${file#"$srcdir"/}
	grep -qE "${name%.c}(\.c)?( |\$)" "$srcdir/Makefile.am" || echo "$name is not in Makefile.am"
done > "$work/bad"
check "every file is built"

{ grep -q ' calls$' "$work/edges" || echo "no calls were found in $archive"
  grep -q ' includes$' "$work/edges" || echo "no includes were found"; } > "$work/bad"
check "calls and includes could be read"

awk 'NR == FNR { rank[$1] = $2; next }
    !($2 in rank) { print $1, $3, $2 ", which has no rank"; next }
    rank[$2] + 0 > rank[$1] + 0 { print $1, "(" rank[$1] ")", $3, $2, "(" rank[$2] ")" }' \
    "$work/ranks" "$work/edges" > "$work/bad"
check "nobody includes or calls a file of higher rank"

# Files that reach nobody, or that nobody reaches, are taken away again and
# again; what is left is in a circle.
awk '{ edge[$1 " " $2]; left[$1]; left[$2] }
    END {
	do {
		gone = 0
		split("", out)
		split("", into)
		for (e in edge) { split(e, f, " "); out[f[1]]; into[f[2]] }
		for (n in left) if (!(n in out) || !(n in into)) { delete left[n]; gone = 1 }
		for (e in edge) { split(e, f, " ")
			if (!(f[1] in left) || !(f[2] in left)) delete edge[e] }
	} while (gone)
	for (n in left) print n, "is in a circle"
    }' "$work/edges" | sort > "$work/bad"
check "there are no circles"

# The headers of libraries, and the files that may include them.
cat > "$work/owners" <<'END'
syslog.h log
event2/ loop dnschannel dnsstream redislink spflink
ares dnssystem
hiredis/ redislink redisreader redistls
confuse.h parser
libpsl.h domain
jansson.h dropline
idn2.h idn
sodium.h subject
libmilter/ mlfi
linux/landlock.h sandbox
seccomp.h sandbox
spf2/ spfworker
systemd/ watchdog
END
awk 'NR == FNR { pattern[NR] = $1; may[NR] = " " $0 " "; n = NR; next }
    $2 ~ /^</ {
	header = substr($2, 2); file = $1; sub(/\.c$/, "", file)
	ours = 0
	for (i = 1; i <= n; i++) if (index(header, pattern[i]) == 1) {
		ours = 1
		if (!index(may[i], " " file " ")) print $1, "includes", header
	}
	if (!ours && header ~ /\// && header !~ /^(sys|net|netinet|arpa)\//)
		print $1, "includes", header ", of a library that has no owner yet"
    }' "$work/owners" "$work/includes" > "$work/bad"
check "a library's header is included only by its owner"

for header in "$srcdir"/include/*.h; do
	printf '#include "config.h"\n#include "%s"\n' "$(basename "$header")" > "$work/alone.c"
	# CC may have options in it.
	# shellcheck disable=SC2086
	$CC -fsyntax-only -Wall -Werror -I. -I"$srcdir/include" "$work/alone.c" 2>&1
done > "$work/bad"
check "every header compiles alone"

awk '$2 ~ /^[BCDGS]$/ { print $1, "exports the variable", $3 }' "$work/symbols" > "$work/bad"
check "nobody exports a variable"

grep -nE '^[^/*]*\<volatile\>' "$srcdir"/milter/*.c "$srcdir"/include/*.h > "$work/bad"
check "what threads and signal handlers share is atomic, not volatile"

awk '$2 ~ /^[A-TV-Z]$/ { print $3 }' "$work/symbols" | sort -u > "$work/ours"
ldd ./relayguard 2> "$work/ldd-says" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' > "$work/libraries"
{
	[ -s "$work/libraries" ] || { echo "ldd names no library"; cat "$work/ldd-says"; }
	while read -r library; do
		"$NM" -D -P "$library" | awk '$2 != "U" { sub(/@.*/, "", $1); print $1 }' | sort -u |
		    comm -12 - "$work/ours" | grep -vxE 'main|sigwait' | sed "s|\$| is exported by $library too|"
	done < "$work/libraries"
} > "$work/bad"
check "no name of ours is a linked library's"

finish
