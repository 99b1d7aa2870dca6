#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The order of the house: a wing is a folder of milter/ and of include/, and uses
# only wings below it; inside a wing nobody goes round in a circle, a library's
# header is included in one place, and no name of ours is a library's.  Runs where
# it was built; prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}" "${CC:=cc}" "${NM:=nm}"
. "$srcdir/tests/tap.sh"

# The wings, bottom up; what is in the last two is a program of its own each.
WINGS="base os loop lists dns redis upstream verdict store own data health lookup spf conf session control daemon ctl web"

# list FOLDER ENDING: the files, as "wing/noun" and the ending.
list() {
	(cd "$srcdir/$1" && find . -name "*$2" | sed 's|^\./||' | sort)
}

for wing in $WINGS; do
	echo "$wing $((rank = ${rank:-0} + 1))"
done > "$work/ranks"

# includes: "wing/noun what", what as it stands between quotes or angles.
for folder in include milter; do
	list "$folder" '.[ch]' | while read -r file; do
		sed -n 's/^#[ 	]*include[ 	]*\(["<][^">]*\).*/\1/p' "$srcdir/$folder/$file" |
		    sed "s|^|${file%.[ch]} |"
	done
done > "$work/includes"

# symbols: "wing/noun type name" of all our objects; sanitizers' own are left out.
list milter .c | while read -r file; do
	"$NM" -P "milter/${file%.c}.o" | sed "s|^|${file%.c} |"
done | awk '$2 !~ /^_/ && $2 !~ /[.$]/ { print $1, $3, $2 }' > "$work/symbols"

# edges: "from to how" between our own files.
{
	awk '$2 ~ /^"/ { from = $1; to = substr($2, 2); sub(/\.h$/, "", to)
	    if (from != to && to != "config") print from, to, "includes" }' "$work/includes"
	awk 'NR == FNR { if ($2 ~ /^[A-TV-Z]$/) owner[$3] = $1; next }
	    $2 ~ /^[Uvw]$/ && $3 in owner && owner[$3] != $1 { print $1, owner[$3], "calls" }' \
	    "$work/symbols" "$work/symbols"
} | sort -u > "$work/edges"

for folder in include milter tests/unit tests/fuzz; do
	for wing in "$srcdir/$folder"/*/; do
		wing=$(basename "$wing")
		case $folder/$wing in tests/fuzz/seeds | tests/fuzz/dict) continue ;; esac
		grep -q "^$wing " "$work/ranks" || echo "$folder/$wing is no wing"
	done
	find "$srcdir/$folder" -maxdepth 1 -name '*.[ch]' ! -path '*/tests/fuzz/*' |
	    sed "s|^$srcdir/||; s|\$| is in no wing|"
done > "$work/bad"
check "every file is in a wing"

{
	list milter .c | grep -v '/main\.c$' | sed 's/\.c$//' > "$work/files"
	list include .h | sed 's/\.h$//' | comm -3 "$work/files" - |
	    sed 's/^	\(.*\)/\1.h has no file/; t; s/$/.c has no header/'
} > "$work/bad"
check "every file has its header, in the same wing"

{ list milter .c | sed 's|^|milter/|'; list tests/unit .c | sed 's|^|tests/unit/|'; } |
    while read -r name; do
	grep -qE "${name%.c}(\.c)?( |\$)" "$srcdir/Makefile.am" || echo "$name is not in Makefile.am"
done > "$work/bad"
check "every file is built"

{ grep -q ' calls$' "$work/edges" || echo "no calls were found in the objects"
  grep -q ' includes$' "$work/edges" || echo "no includes were found"; } > "$work/bad"
check "calls and includes could be read"

awk 'NR == FNR { rank[$1] = $2; next }
    { from = $1; to = $2; sub(/\/.*/, "", from); sub(/\/.*/, "", to) }
    !(to in rank) { print $1, $3, $2 ", which is in no wing"; next }
    rank[to] > rank[from] { print $1, $3, $2 ", which is in a wing above" }' \
    "$work/ranks" "$work/edges" > "$work/bad"
check "nobody includes or calls a file of a wing above"
upward=$(wc -l < "$work/bad")

# Doctor looks where the daemon would: at its servers and sockets, too.
awk '$1 ~ /^ctl\// && $1 !~ /^ctl\/(audit|doctor|machine|command)/ && $2 !~ /^((base|lists|verdict|store|own|conf|ctl)\/|control\/ask$)/ { print $1, $3, $2 }
    $1 ~ /^ctl\// && $2 ~ /^(upstream|lookup|spf|session|control)\// && $2 != "control/ask" { print $1, $3, $2 }' "$work/edges" > "$work/bad"
check "a program beside the daemon uses base/, lists/, verdict/, store/, own/, conf/ and control/ask alone, but for doctor"

awk '$1 ~ /^web\// && $2 !~ /^((base|os|loop|lists|web)\/|control\/(ask|http|server)$)/ { print $1, $3, $2 }' \
    "$work/edges" > "$work/bad"
check "the page uses base/, os/, loop/, lists/ and what control/ has for any socket alone"

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
	for (e in edge) { split(e, f, " "); print f[1], "goes round in a circle by", f[2] }
    }' "$work/edges" | sort > "$work/bad"
# An edge that goes up closes many: it has been named.
[ "$upward" -eq 0 ] || : > "$work/bad"
check "there are no circles"

# The headers of libraries, and the files that may include them.
cat > "$work/owners" <<'END'
syslog.h base/log
event2/ loop/loop dns/channel dns/ports dns/stream redis/link spf/link web/connections
ares dns/system
hiredis/ redis/link redis/reader redis/tls ctl/doctorredis
confuse.h conf/parser
libpsl.h base/domain
jansson.h data/droplist control/ ctl/ web/
zlib.h ctl/logfile
idn2.h base/idn
sqlite3.h store/database store/dayfile store/erasure own/localfile session/passfile
sodium.h lists/subject base/assoc base/reftag session/passes ctl/xarf web/token
libmilter/ session/mlfi
linux/landlock.h os/sandbox
seccomp.h os/sandbox
spf2/ spf/worker
systemd/ daemon/watchdog os/activation
END
awk 'function may_include(may, file, wing) {
	wing = file; sub(/\/.*/, "/", wing)
	return index(may, " " file " ") || index(may, " " wing " ") }
    NR == FNR { pattern[NR] = $1; may[NR] = " " $0 " "; n = NR; next }
    $2 ~ /^</ {
	header = substr($2, 2)
	ours = 0
	for (i = 1; i <= n; i++) if (index(header, pattern[i]) == 1) {
		ours = 1
		if (!may_include(may[i], $1)) print $1, "includes", header
	}
	if (!ours && header ~ /\// && header !~ /^(sys|net|netinet|arpa)\//)
		print $1, "includes", header ", of a library that has no owner yet"
    }' "$work/owners" "$work/includes" > "$work/bad"
check "a library's header is included only by its owner"

list include .h | while read -r header; do
	printf '#include "config.h"\n#include "%s"\n' "$header" > "$work/alone.c"
	# CC may have options in it.
	# shellcheck disable=SC2086
	$CC -fsyntax-only -Wall -Werror -I. -I"$srcdir/include" "$work/alone.c" 2>&1
done > "$work/bad"
check "every header compiles alone"

awk '$2 ~ /^[BCDGS]$/ { print $1, "exports the variable", $3 }' "$work/symbols" > "$work/bad"
check "nobody exports a variable"

grep -nE '^[^/*]*\<volatile\>' "$srcdir"/milter/*/*.c "$srcdir"/include/*/*.h > "$work/bad"
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
