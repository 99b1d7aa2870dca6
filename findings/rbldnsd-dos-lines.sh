#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   rbldnsd 1.0~20210120-2
# Behaviour: A CR at the end of a line is a part of it: an address without a value is an
#            "invalid address", and one with a code alone an "unrecognized value"; both are
#            left out.  Five warnings are logged, and the list is served, empty.
# Input:     a list with lines as DOS ends them.
# Seen:      NXDOMAIN; where a text follows the code: NOERROR 127.0.0.3
. "$(dirname "$0")/common.sh"
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

printf '198.51.100.7\r\n198.51.100.8 :3\r\n198.51.100.9 :3:text\r\n' > "$work/list"
serve
port=$((port + 1))
await "$port"
expect "an address" "$(ask 7.100.51.198.bl.example)" 'NXDOMAIN*'
expect "one with a code" "$(ask 8.100.51.198.bl.example)" 'NXDOMAIN*'
expect "one with a code and a text" "$(ask 9.100.51.198.bl.example)" 'NOERROR 127.0.0.3*'
expect "the log" "$(grep -cE 'list\(1\): invalid address|list\(2\): unrecognized value' "$work/rbldnsd.log")" 2
exit $bad
