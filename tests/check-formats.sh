#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The commands of relayguard.conf(5) that make files of networks from those of other
# programs: each prints what it should, and relayguard takes that, or names the line
# that was not converted.  Runs where it was built; prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
. "$srcdir/tests/tap.sh"

# commands: each literal text of the section into $work/command.N, as a shell reads it.
awk -v work="$work" '
    /^\.Sh / { on = $0 == ".Sh FILES OF OTHER PROGRAMS" }
    !on { next }
    /^\.Ed/ { literal = 0 }
    literal { print > (work "/command." n) }
    /^\.Bd / { n++; literal = 1 }' "$srcdir/man/relayguard.conf.5"
for file in "$work"/command.*; do
	sed -i -e 's/\\e/\\/g' -e "s,/etc/hosts.deny,hosts.deny," "$file"
done

# try N LABEL: command N prints what is on standard input.
try() {
	cat > "$work/want"
	(cd "$work" && sh "command.$1") > "$work/got" 2>&1
	diff "$work/want" "$work/got" > "$work/bad"
	check "$2"
}

# loads LABEL [LINE]: what was printed is taken, or that line of it is named.
loads() {
	printf 'deny { files = { "%s" } }\npolicy "default" { }\n' "$work/got" > "$work/conf"
	: > "$work/lists"
	chmod 644 "$work/got" "$work/conf" "$work/lists"
	./relayguard -t -c "$work/conf" -l "$work/lists" > "$work/said" 2>&1
	if [ $# -eq 1 ]; then
		grep -v -e '^Postfix' -e smtpd_milters -e 'is good\.$' "$work/said" > "$work/bad"
	elif grep -q "^$work/got:$2: .* is not a network" "$work/said"; then
		: > "$work/bad"
	else
		cp "$work/said" "$work/bad"
	fi
	check "$1"
}

cat > "$work/drop.txt" <<'END'
; DROP List
192.0.2.0/24 ; SBL100001
198.51.100.0/25 ; SBL100002
END
try 1 "DROP: the number is the note" <<'END'
; DROP List
192.0.2.0/24 SBL100001
198.51.100.0/25 SBL100002
END
loads "DROP: loads"

cat > "$work/access" <<'END'
# by hand
192.0.2.1	REJECT
198.51.100	REJECT we do not like you
203.0	Reject
192.0.2.7	OK
192.0.2.8	DUNNO
2001:db8::1	REJECT
198.51.100.0/25 REJECT
END
try 2 "access: octets become networks" <<'END'
192.0.2.1
198.51.100.0/24
203.0.0.0/16
2001:db8::1
198.51.100.0/25
END
loads "access: loads"
echo "bad.example REJECT" > "$work/access"
(cd "$work" && sh command.2) > "$work/got"
loads "access: a name is named" 1

cat > "$work/postscreen_access.cidr" <<'END'
# ours
192.0.2.0/24	permit
198.51.100.7	reject
203.0.113.0/24	dunno
2001:db8::/32	permit
END
try 3 "postscreen: to deny" <<'END'
198.51.100.7
END
loads "postscreen: loads"
try 4 "postscreen: to allow" <<'END'
192.0.2.0/24
2001:db8::/32
END

cat > "$work/data" <<'END'
$SOA 1800 bl.example hostmaster.example 0 10m 10m 1w 5m
:127.0.0.2:See https://bl.example/?ip=$
# own
127.0.0.2
192.0.2.1
192.0.2.2 :127.0.0.9:probe
198.51.100.0/24	spam
203.0.113
192.0.2.9 # old
END
try 5 "rbldnsd: codes and texts are gone" <<'END'
192.0.2.1
192.0.2.2
198.51.100.0/24
203.0.113.0/24
192.0.2.9
END
loads "rbldnsd: loads"
printf '192.0.2.1\n!192.0.2.7\n' > "$work/data"
(cd "$work" && sh command.5) > "$work/got"
loads "rbldnsd: an exception is named" 2
printf '192.0.2.1-9\n' > "$work/data"
(cd "$work" && sh command.5) > "$work/got"
loads "rbldnsd: a range is named" 1

cat > "$work/hosts.deny" <<'END'
# /etc/hosts.deny
# ALL: PARANOID
ALL: 192.0.2.1
sshd: 192.0.2.2, 198.51.100.0/24 [2001:db8::1]
END
try 6 "hosts.deny: any service" <<'END'
192.0.2.1
192.0.2.2
198.51.100.0/24
2001:db8::1
END
loads "hosts.deny: loads"
printf 'ALL: 192.0.2.1\nALL: 203.0.113.\n' > "$work/hosts.deny"
(cd "$work" && sh command.6) > "$work/got"
loads "hosts.deny: a prefix is named" 2

finish
