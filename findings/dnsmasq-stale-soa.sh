#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   dnsmasq-base 2.90-4~deb12u2
# Behaviour: With use-stale-cache, what a background refresh has brought is not given as it
#            came: a name that is NXDOMAIN by now is NOERROR without data, and a name that
#            has got an address is given with it, but with the SOA of its absence left in
#            the authority section, and marked as stale (EDE 3), which it is not.
# Input:     a zone at rbldnsd with TTLs of 4 s: one name is there, one is not; they change
#            places; each is asked for when it has expired, and once more.
# Seen:      A and B, fresh: NOERROR 127.0.0.2 ttl=4; NXDOMAIN ttl=4 SOA
#            expired: NOERROR 127.0.0.2 ttl=0 EDE=3; NXDOMAIN ttl=4 SOA EDE=3
#            refreshed: NOERROR ttl=3 SOA; NOERROR 127.0.0.2 ttl=3 SOA EDE=3
. "$(dirname "$0")/common.sh"
need dnsmasq-base 2.90-4~deb12u2 dnsmasq
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

# shellcheck disable=SC2016
head='$SOA 600 ns.example admin.example 1 600 600 600 4
$TTL 4
'
list 10.0.0.1
serve
start dnsmasq -d -C /dev/null -R -h -p "$port" -a 127.0.0.1 --bind-interfaces \
    --user="$(id -un)" --pid-file= --use-stale-cache \
    --server="/bl.example/127.0.0.1#$((port + 1))"
await "$port"

expect "A is there" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=4'
expect "B is not" "$(ask 2.0.0.10.bl.example)" 'NXDOMAIN ttl=4 SOA'
change 10.0.0.2
sleep 8
expect "they have changed places; A" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=0 EDE=3'
expect "B" "$(ask 2.0.0.10.bl.example)" 'NXDOMAIN ttl=* SOA EDE=3'
sleep 0.5
expect "refreshed: A" "$(ask 1.0.0.10.bl.example)" 'NOERROR ttl=[34] SOA'
expect "B" "$(ask 2.0.0.10.bl.example)" 'NOERROR 127.0.0.2 ttl=[34] SOA EDE=3'
exit $bad
