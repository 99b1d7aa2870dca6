#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   rbldnsd 1.0~20210120-2
# Behaviour: ::ffff:127.0.0.2, the IPv6 test entry of RFC 5782, 5, is answered from the data
#            set of IPv4.  The same address in an ip6trie is an "invalid address", and is
#            left out: a list passes the IPv6 test without any IPv6 data.
# Input:     an ip4set with 127.0.0.2, and an ip6trie with ::ffff:127.0.0.2 and 2001:db8::7.
# Seen:      by the ip4set NOERROR 127.0.0.2; by the ip6trie alone NXDOMAIN, and a warning
. "$(dirname "$0")/common.sh"
need rbldnsd 1.0~20210120-2 rbldnsd
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

nibbles() { # of ::ffff:127.0.0.N
	echo "$1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
}

printf '127.0.0.2\n' > "$work/list"
printf '::ffff:127.0.0.2\n2001:db8::7\n' > "$work/list6"
start rbldnsd -n -b "127.0.0.1/$port" -c 0 -w "$work" bl.example:ip4set:list six.example:ip6trie:list6
await "$port"
expect "the test entry, with an ip4set alone" "$(ask "$(nibbles 2).bl.example")" 'NOERROR 127.0.0.2*'
expect "its opposite" "$(ask "$(nibbles 1).bl.example")" 'NXDOMAIN*'
expect "the test entry, in an ip6trie alone" "$(ask "$(nibbles 2).six.example")" 'NXDOMAIN*'
expect "an entry beside it" \
    "$(ask 7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.six.example)" 'NOERROR 127.0.0.2*'
expect "the log" "$(grep -c 'invalid address' "$work/rbldnsd.log")" 1
exit $bad
