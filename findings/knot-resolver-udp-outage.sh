#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   knot-resolver 5.6.0-1+deb12u1
# Behaviour: After an outage of a zone's only server, which speaks UDP alone, the zone stays
#            SERVFAIL although the server is back: the resolver has gone over to TCP, and
#            does not come back from it (560 s were watched).
# Input:     a zone at rbldnsd, delegated by a root at NSD; rbldnsd is stopped for 15 s while
#            names of the zone are asked for, and goes on.
# Seen:      before: NOERROR 127.0.0.2; 30 s after it went on: SERVFAIL, and not one question
#            has reached rbldnsd, which answers who asks it.
# Needs root: all is in a network namespace, as the resolver asks port 53 and no other.
if [ -z "${INSIDE:-}" ]; then
	# Before, as there is no network inside.
	. "$(dirname "$0")/common.sh"
	need knot-resolver 5.6.0-1+deb12u1 kresd
	need rbldnsd 1.0~20210120-2 rbldnsd
	need nsd 4.6.1-1 nsd
	need bind9-dnsutils 1:9.18.49-1~deb12u3 dig
	INSIDE=$work unshare --net sh "$0"
	exit
fi
. "$(dirname "$0")/common.sh"
ip link set lo up
ip address add 198.18.0.1/32 dev lo
ip address add 198.18.0.2/32 dev lo

# shellcheck disable=SC2016
head='$SOA 600 ns.example admin.example 1 600 600 600 5
$TTL 5
'
list 127.0.0.2
: > "$work/queries"
chmod 666 "$work/queries" # rbldnsd drops its user
start rbldnsd -n -b 198.18.0.2/53 -c 0 -w "$work" -l +queries bl.example:ip4set:list
rbldnsd=$last
cat > "$work/zone" << EOF
\$ORIGIN .
\$TTL 300
@ SOA ns admin 1 600 600 600 60
@ NS ns
ns A 198.18.0.1
bl.example. NS ns.bl.example.
ns.bl.example. A 198.18.0.2
EOF
cat > "$work/nsd.conf" << EOF
server:
    ip-address: 198.18.0.1@53
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "$work"
    database: ""
    pidfile: ""
    xfrdfile: ""
    zonelistfile: "$work/zone.list"
zone:
    name: "."
    zonefile: "zone"
EOF
start nsd -d -c "$work/nsd.conf"
cat > "$work/kresd.conf" << EOF
net.listen("127.0.0.1", $port)
net.ipv6 = false
cache.open(10 * MB, "lmdb://$work/cache")
trust_anchors.remove(".")
modules.load("hints")
hints.root({ ["ns."] = "198.18.0.1" })
modules.unload("ta_signal_query")
modules.unload("ta_update")
modules.unload("priming")
EOF
sleep 1
start kresd -n -c "$work/kresd.conf" "$work"
await "$port"

expect "before" "$(ask 2.0.0.127.bl.example)" 'NOERROR 127.0.0.2*'
kill -STOP "$rbldnsd"
n=0
end=$(($(date +%s) + 15))
while [ "$(date +%s)" -lt "$end" ]; do
	n=$((n + 1))
	gone=$(ask "$n.0.0.10.bl.example")
	sleep 0.3
done
expect "while rbldnsd is stopped" "$gone" 'SERVFAIL*'
kill -CONT "$rbldnsd"
for n in 1 2 3 4 5 6 7 8 9 10; do
	sleep 3
	back=$(ask "$n.0.0.11.bl.example")
done
expect "30 s after it went on" "$back" 'SERVFAIL*'
expect "rbldnsd itself" "$(dig +short +tries=1 -p 53 @198.18.0.2 2.0.0.127.bl.example A)" 127.0.0.2
asked=$(grep -c "\.0\.0\.11\.bl\." "$work/queries")
expect "questions that have reached it since" "$asked" 0
exit $bad
