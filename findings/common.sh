# SPDX-License-Identifier: BSD-2-Clause
# What the scripts beside it share; read by them, in sh.
# shellcheck shell=sh disable=SC2034,SC2154
#
# Debian 12's packages, in the versions that a script names: those that are installed, or,
# if they are others (or DOWNLOAD is set), unpacked in a temporary folder.  Servers listen
# on loopback, on ports of their own, and end with the script.

set -u
if [ -n "${INSIDE:-}" ]; then # a namespace that the script has made, with all it needs
	work=$INSIDE
else
	work=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX") || exit 2
	chmod 755 "$work"
	mkdir "$work/bin" "$work/debs" "$work/root"
fi
pids=
PATH=$work/bin:$PATH:/usr/sbin:/sbin
bad=0
port=$((20000 + $$ % 5000 * 2)) # of the resolver; the next one is the list's

clean() {
	# Words on purpose.
	# shellcheck disable=SC2086
	[ -z "$pids" ] || kill -KILL $pids 2> /dev/null
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 2' INT TERM HUP

die() {
	echo "$*" >&2
	exit 2
}

version_of() {
	# shellcheck disable=SC2016
	dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2> /dev/null | sed -n 's/^installed //p'
}

# The libraries of a package that are not installed.
libraries() {
	apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
	    --no-replaces --no-enhances "$1" | grep '^lib' | sort -u | while read -r library; do
		[ -n "$(version_of "$library")" ] || echo "$library"
	done
}

# need PACKAGE VERSION PROGRAM: have the program in $work/bin, a copy that no AppArmor knows.
need() {
	if [ "$(version_of "$1")" = "$2" ] && [ -z "${DOWNLOAD:-}" ]; then
		cp "$(command -v "$3")" "$work/bin/" || die "$3 is not there"
		return
	fi
	(
		cd "$work/debs" || exit 1
		# Words on purpose.
		# shellcheck disable=SC2046
		apt-get -q download "$1=$2" $(libraries "$1") > apt.log 2>&1 || { cat apt.log >&2; exit 1; }
		for deb in *.deb; do
			dpkg -x "$deb" ../root || exit 1
		done
		rm -f ./*.deb
	) || die "$1 $2 cannot be had"
	cp "$(find "$work/root" -type f -name "$3" -path '*bin/*' | head -n 1)" "$work/bin/" || die "$3 is not there"
	for folder in "$work"/root/usr/lib/*-linux-gnu* "$work"/root/lib/*-linux-gnu*; do
		[ ! -d "$folder" ] || LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	done
	export LD_LIBRARY_PATH
}

# start COMMAND...: in the background; its output is kept.  $last is its process.
start() {
	"$@" > "$work/$1.log" 2>&1 &
	last=$!
	pids="$pids $last"
}

stop() {
	kill "$1"
	wait "$1" 2> /dev/null
	pids=$(echo "$pids" | sed "s/ $1\$//; s/ $1 / /")
}

# await PORT: until somebody answers there.
await() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		dig +tries=1 +timeout=1 -p "$1" @127.0.0.1 localhost > /dev/null 2>&1 && return
		sleep 0.3
	done
	cat "$work"/*.log >&2
	die "nobody answers at port $1"
}

# ask NAME [OPTION...]: the rcode, the addresses, the lowest TTL of all records, what is
# in the authority section, and an extended error, of a question to the resolver.
ask() {
	name=$1
	shift
	dig +tries=1 +timeout=15 +noadflag -p "$port" @127.0.0.1 "$name" A "$@" 2>&1 | awk '
	    /status:/ { sub(/,/, "", $6); rcode = $6 }
	    /^; EDE/ { ede = " EDE=" $3 }
	    /timed out/ { rcode = "SILENT" }
	    /^[^;].*[ \t]A[ \t]/ { addresses = addresses " " $5 }
	    /^[^;].*[ \t]SOA[ \t]/ { soa = " SOA" }
	    /^[^;]/ && (ttl == "" || $2 < ttl) { ttl = $2 }
	    END { print rcode addresses (ttl != "" ? " ttl=" ttl : "") soa ede }'
}

# expect LABEL GOT PATTERN: the pattern is one of case.
expect() {
	# A pattern on purpose.
	# shellcheck disable=SC2254
	case $2 in
	$3) echo "as told: $1: $2" ;;
	*)
		echo "CHANGED: $1: $2, and not $3"
		bad=1
		;;
	esac
}

# list LINE...: what rbldnsd has; $head comes first.
list() {
	{
		printf '%s' "$head"
		printf '%s\n' "$@"
	} > "$work/list"
}

# serve: rbldnsd, with the list as bl.example, at the port after the resolver's.
serve() {
	start rbldnsd -n -b "127.0.0.1/$((port + 1))" -c 0 -w "$work" bl.example:ip4set:list
	rbldnsd=$last
	sleep 0.5
}

# change LINE...: another list from now on; not of the same size and second.
change() {
	list "$@" "# $(date +%s%N)"
	kill -HUP "$rbldnsd"
	sleep 0.3
}

# run_unbound LINE...: Unbound, with these lines in its server clause; it asks rbldnsd for
# bl.example.
run_unbound() {
	cat > "$work/unbound.conf" << EOF
server:
    interface: 127.0.0.1@$port
    username: ""
    chroot: ""
    directory: "$work"
    pidfile: ""
    use-syslog: no
    do-not-query-localhost: no
    domain-insecure: "example"
$(printf '    %s\n' "$@")
remote-control:
    control-enable: no
stub-zone:
    name: "bl.example"
    stub-addr: 127.0.0.1@$((port + 1))
EOF
	start unbound -d -c "$work/unbound.conf"
}

# run_named LINE...: BIND, with these lines in its options; the same.
run_named() {
	cat > "$work/named.conf" << EOF
options {
	directory "$work"; pid-file none; session-keyfile none;
	listen-on port $port { 127.0.0.1; }; listen-on-v6 { none; };
	recursion yes; dnssec-validation no; max-cache-size 32m;
$(printf '	%s\n' "$@")
};
controls { };
zone "bl.example" { type forward; forward only; forwarders { 127.0.0.1 port $((port + 1)); }; };
EOF
	start named -g -4 -n 1 -c "$work/named.conf"
}
