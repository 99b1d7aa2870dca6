#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   rbldnsd 1.0~20210120-2
# Behaviour: Of a last line without a newline it says "incomplete last line (ignored)", and
#            takes it all the same: an address that was cut between two octets lists its /24.
# Input:     a list that ends with "198.51.100", without a newline.
# Seen:      198.51.100.200: NOERROR 127.0.0.2; in the log: (ignored)
. "$(dirname "$0")/common.sh"
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

printf '203.0.113.1\n198.51.100' > "$work/list"
serve
port=$((port + 1))
await "$port"
expect "the entry before it" "$(ask 1.113.0.203.bl.example)" 'NOERROR 127.0.0.2*'
expect "a neighbour of the one that was cut" "$(ask 200.100.51.198.bl.example)" 'NOERROR 127.0.0.2*'
expect "another network" "$(ask 200.101.51.198.bl.example)" 'NXDOMAIN*'
expect "the log" "$(grep -c 'incomplete last line (ignored)' "$work/rbldnsd.log")" 1
exit $bad
