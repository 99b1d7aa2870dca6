#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   bind9 1:9.18.49-1~deb12u3, beside unbound 1.17.1-2+deb12u4
# Behaviour: An answer that a name does not exist (NXDOMAIN), to a question for one type, ends
#            in BIND's cache the records of other types that the name has, whatever is left
#            of their TTL.  In Unbound's they stay until it is over.
#            So a client that a DNS list has taken off is free behind BIND as soon as anybody
#            asks for its TXT record; behind Unbound only when the A record has expired.
# Input:     a zone at rbldnsd with a TTL of 300 s; a name is asked for (A), taken out of the
#            zone, and asked for its TXT, then for A again.
# Seen:      BIND: NOERROR 127.0.0.2 ttl=300, then NXDOMAIN
#            Unbound: NOERROR 127.0.0.2 ttl=300, then the same with what is left of the TTL
. "$(dirname "$0")/common.sh"
need bind9 1:9.18.49-1~deb12u3 named
need unbound 1.17.1-2+deb12u4 unbound
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

# shellcheck disable=SC2016
head='$SOA 600 ns.example admin.example 1 600 600 600 60
$TTL 300
'
list 10.0.0.1 10.0.0.2
serve
run_named
named=$last
await "$port"
expect "BIND: a name that is there" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=300'
change 10.0.0.2
sleep 1
expect "it is taken out" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=29[0-9]'
expect "its TXT" "$(ask 1.0.0.10.bl.example -t TXT)" 'NXDOMAIN *'
expect "its A, after that" "$(ask 1.0.0.10.bl.example)" 'NXDOMAIN *'
stop "$named"

change 10.0.0.1 10.0.0.2
run_unbound
await "$port"
expect "Unbound: a name that is there" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=300'
change 10.0.0.2
sleep 1
expect "its TXT" "$(ask 1.0.0.10.bl.example -t TXT)" 'NXDOMAIN *'
expect "its A, after that" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=29[0-9]'
exit $bad
