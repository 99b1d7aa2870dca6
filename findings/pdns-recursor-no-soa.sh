#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   pdns-recursor 4.8.8-1+deb12u1
# Behaviour: An NXDOMAIN without SOA is kept for 60 s; RFC 2308, 5 says that it should not be
#            cached at all.
# Input:     a zone at rbldnsd without SOA; a name that is not there is asked for, added,
#            and asked for again.
# Seen:      NXDOMAIN at 0, 10 and 50 s, the address at 65 s.
. "$(dirname "$0")/common.sh"
need pdns-recursor 4.8.8-1+deb12u1 pdns_recursor
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

head=
list 127.0.0.2
serve
start pdns_recursor --config-dir="$work" --daemon=no --threads=1 --write-pid=no --local-address=127.0.0.1 \
    --local-port="$port" --socket-dir="$work" --security-poll-suffix= --disable-syslog=yes \
    --forward-zones="bl.example=127.0.0.1:$((port + 1))"
await "$port"

expect "a name that is not there" "$(ask 1.0.0.10.bl.example)" 'NXDOMAIN'
change 10.0.0.1
sleep 10
expect "it is there since 10 s" "$(ask 1.0.0.10.bl.example)" 'NXDOMAIN'
sleep 40
expect "since 50 s" "$(ask 1.0.0.10.bl.example)" 'NXDOMAIN'
sleep 15
expect "since 65 s" "$(ask 1.0.0.10.bl.example)" 'NOERROR 127.0.0.2*'
exit $bad
