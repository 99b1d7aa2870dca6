#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# One version everywhere: what the programs say, NEWS and the Debian packages.  Runs where it
# was built; prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
. "$srcdir/tests/tap.sh"

version=$(./relayguard -V)
for program in relayguardctl relayguard-web; do
	said=$(./$program -V)
	[ "${said#* }" = "${version#* }" ] || echo "$program: $said, not ${version#* }"
done > "$work/bad"
check "all programs have one version"

said=$(head -n 1 "$srcdir/NEWS")
{ [ "$said" = "$version" ] || echo "it begins with $said, not $version"; } > "$work/bad"
check "NEWS begins with it"

said=$(sed -n '1s/^\([^ ]*\) (\([^)]*\)) .*/\1 \2/p' "$srcdir/debian/changelog")
{ [ "$said" = "$version" ] || echo "it begins with $said, not $version"; } > "$work/bad"
check "debian/changelog begins with it"
finish
