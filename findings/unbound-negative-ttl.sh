#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   unbound 1.17.1-2+deb12u4
# Behaviour: All absences (NXDOMAIN) of a zone share one SOA record in the cache.
#            1. An absence that is found later has the rest of the TTL that the SOA of the
#               first one has, and not its own negative TTL (RFC 2308, 5).
#            2. With serve-expired, an absence that has expired is given with the full TTL
#               of the SOA, where a fresh absence has just brought one, and not with
#               serve-expired-reply-ttl (30 s): it cannot be told from a fresh one.
# Input:     a zone at rbldnsd with a negative TTL of 6 s, names that are not in it.
# Seen:      1. at once NXDOMAIN ttl=6; another name 3 s later NXDOMAIN ttl=3
#            2. the expired name alone NXDOMAIN ttl=30; after a fresh one NXDOMAIN ttl=6
. "$(dirname "$0")/common.sh"
need unbound 1.17.1-2+deb12u4 unbound
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

# shellcheck disable=SC2016
head='$SOA 600 ns.example admin.example 1 600 600 600 6
$TTL 6
'
list 127.0.0.2
serve
run_unbound "qname-minimisation: no" "serve-expired: yes"
await "$port"

expect "the first absence" "$(ask 1.0.0.10.bl.example)" 'NXDOMAIN ttl=6 SOA'
sleep 3
expect "another one, 3 s later" "$(ask 2.0.0.10.bl.example)" 'NXDOMAIN ttl=[234] SOA'
sleep 8
expect "the first one, expired" "$(ask 1.0.0.10.bl.example)" 'NXDOMAIN ttl=30 SOA'
sleep 8
expect "a fresh one" "$(ask 3.0.0.10.bl.example)" 'NXDOMAIN ttl=6 SOA'
expect "another one that has expired" "$(ask 2.0.0.10.bl.example)" 'NXDOMAIN ttl=[56] SOA'
exit $bad
