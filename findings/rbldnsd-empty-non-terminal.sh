#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   rbldnsd 1.0~20210120-2; shown by unbound 1.17.1-2+deb12u4, too
# Behaviour: A name above an entry, without records of its own, is NXDOMAIN; by RFC 8020 and
#            RFC 4592, 2.2.2 it exists, and should be NOERROR without data.  A resolver with
#            strict QNAME minimisation (RFC 9156) takes the whole list for empty.
# Input:     a list with 198.51.100.7: 7.100.51.198.bl.example, and 198.bl.example.
# Seen:      rbldnsd: NOERROR; NXDOMAIN.  The entry by unbound: NOERROR 127.0.0.2;
#            with qname-minimisation-strict: NXDOMAIN
. "$(dirname "$0")/common.sh"
need rbldnsd 1.0~20210120-2 rbldnsd
need unbound 1.17.1-2+deb12u4 unbound
need bind9-dnsutils 1:9.18.49-1~deb12u3 dig

# shellcheck disable=SC2016
head='$SOA 600 ns.example admin.example 1 600 600 600 60
'
list 198.51.100.7
serve
# minimise yes|no: a resolver that minimises strictly, or not at all.
minimise() {
	run_unbound "qname-minimisation: $1" "qname-minimisation-strict: $1"
	await "$port"
}

listed() {
	dig +tries=1 +timeout=5 +norecurse -p "$((port + 1))" @127.0.0.1 "$1" A | sed -n 's/.*status: \([A-Z]*\).*/\1/p'
}

expect "the entry, at rbldnsd" "$(listed 7.100.51.198.bl.example)" NOERROR
expect "what is above it" "$(listed 198.bl.example)" NXDOMAIN
minimise no
expect "the entry, by a resolver" "$(ask 7.100.51.198.bl.example)" 'NOERROR 127.0.0.2*'
stop "$last"
minimise yes
expect "by one that minimises strictly" "$(ask 7.100.51.198.bl.example)" 'NXDOMAIN*'
exit $bad
