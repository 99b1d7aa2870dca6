#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   bind9 1:9.18.49-1~deb12u3
# Behaviour: With stale-cache-enable and stale-answer-enable, a record that has expired is
#            given where its servers are gone, an absence (NXDOMAIN) that has expired is
#            not: SERVFAIL.
# Input:     a zone at rbldnsd with TTLs of 3 s, one name that is there and one that is not;
#            rbldnsd is ended, and both are asked for again.
# Seen:      NOERROR 127.0.0.2 ttl=30; SERVFAIL
. "$(dirname "$0")/common.sh"
need bind9 1:9.18.49-1~deb12u3 named
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

# shellcheck disable=SC2016
head='$SOA 600 ns.example admin.example 1 600 600 600 3
$TTL 3
'
list 10.0.0.1
serve
run_named "stale-cache-enable yes; stale-answer-enable yes;"
await "$port"

expect "a name that is there" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=3'
expect "one that is not" "$(ask 2.0.0.10.bl.example)" 'NXDOMAIN ttl=3 SOA'
stop "$rbldnsd"
sleep 5
expect "rbldnsd has ended: the one" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=30*'
expect "the other" "$(ask 2.0.0.10.bl.example)" 'SERVFAIL*'
exit $bad
