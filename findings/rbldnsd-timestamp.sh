#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   rbldnsd 1.0~20210120-2
# Behaviour: $TIMESTAMP ends a list: after it the whole zone is SERVFAIL.  It is read as
#            UTC, whatever TZ is.  A time in seconds since 1970 is no time to it: the line
#            is left out with a word in the log, and the list never ends.
# Input:     a list that ended an hour ago, in both forms.
# Seen:      SERVFAIL; SERVFAIL with TZ=Asia/Tokyo; NOERROR 127.0.0.2 and a warning
. "$(dirname "$0")/common.sh"
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

port=$((port + 1))
head=
# ends FROM UNTIL: what a listed address is, with these two words behind $TIMESTAMP.
ends() {
	list "\$TIMESTAMP $1 $2" 198.51.100.7
	port=$((port - 1))
	serve
	port=$((port + 1))
	await "$port"
	ask 7.100.51.198.bl.example
	stop "$rbldnsd"
}

stamp() {
	date -u -d "$1" +%Y:%m:%d:%H:%M:%S
}

expect "not ended" "$(ends "$(stamp '1 hour ago')" +7200)" 'NOERROR 127.0.0.2*'
expect "ended" "$(ends "$(stamp '2 hours ago')" +3600)" 'SERVFAIL*'
expect "where it is nine hours later" "$(TZ=Asia/Tokyo ends "$(stamp '1 hour ago')" +7200)" 'NOERROR 127.0.0.2*'
expect "ended, by seconds since 1970" "$(ends "$(date -d '2 hours ago' +%s)" +3600)" 'NOERROR 127.0.0.2*'
expect "the log" "$(grep -c 'list(1).*special entry' "$work/rbldnsd.log")" 1
exit $bad
