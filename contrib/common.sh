# SPDX-License-Identifier: BSD-2-Clause
# What contrib/check and contrib/quickstart share: read by them, in sh, with the
# top of the source tree as the current folder.
# shellcheck shell=sh disable=SC2034

# What the build needs, on Debian.
BUILD_PACKAGES="gcc libc6-dev make autoconf automake pkg-config libmilter-dev libseccomp-dev libsystemd-dev
    libc-ares-dev libevent-dev libhiredis-dev libconfuse-dev libspf2-dev libsodium-dev libpsl-dev
    libidn2-dev libjansson-dev libsqlite3-dev zlib1g-dev"

# Between two lines about what takes long.
PROGRESS_S=5

say() {
	printf '== %s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# tell_progress LOG: its last line, every few seconds, for as long as this shell lives.
tell_progress() {
	told=0
	while sleep "$PROGRESS_S" > /dev/null 2>&1 && kill -0 $$ 2> /dev/null; do
		told=$((told + PROGRESS_S))
		printf '   %d s: %s\n' "$told" "$(tail -n 1 "$1" | tr -cd '[:print:]' | cut -c 1-60)"
	done
}

# quietly LOG COMMAND...: how it goes on is told, and the log is shown if it fails.
quietly() {
	quiet_log=$1
	shift
	: > "$quiet_log"
	tell_progress "$quiet_log" &
	teller=$!
	"$@" > "$quiet_log" 2>&1
	quiet_status=$?
	kill "$teller" 2> /dev/null
	wait "$teller" 2> /dev/null
	[ "$quiet_status" -eq 0 ] || tail -n 40 "$quiet_log" >&2
	return "$quiet_status"
}

missing_packages() {
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2> /dev/null |
		    grep -qx installed || printf ' %s' "$package"
	done
}

# Install without starting any service: a policy-rc.d says no, unless there is
# one already, which is left as it is.  Nothing installed is removed for it.
install_packages() (
	export DEBIAN_FRONTEND=noninteractive
	if ! [ -e /usr/sbin/policy-rc.d ]; then
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
		trap 'exit 1' INT TERM HUP
		printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d
	fi
	apt-get -q update && apt-get -q install -y --no-install-recommends --no-remove "$@"
)

# need_packages PACKAGE...: install those that are not there; false if some cannot be.
need_packages() {
	command -v apt-get > /dev/null ||
	    die "this installs by apt-get, on Debian: README says what other systems need"
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	say "installing$missing"
	[ "$(id -u)" -eq 0 ] || { echo "only root can install them" >&2; return 1; }
	mkdir -p build
	# A list of words.
	# shellcheck disable=SC2086
	quietly build/apt.log install_packages $missing
}

# mirror LABEL: the one that this machine's apt has, of Debian or Debian-Security.
mirror() {
	# A variable of apt-get's.
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Label: $1" |
	    head -n 1
}

# Make configure where it is not there yet.
prepare_source() {
	[ ! -e config.status ] ||
	    die "this tree is configured in place: make distclean, then run this again"
	[ -x configure ] || quietly build/autogen.log ./autogen.sh
}

# build_in FOLDER [OPTION...]: configure with the options, once, and build.
build_in() {
	folder=$1
	shift
	mkdir -p "$folder"
	(
		cd "$folder" || exit 1
		if ! [ -e config.status ]; then
			quietly configure.log ../../configure "$@" || exit 1
		fi
		quietly make.log make -j"$(nproc)"
	)
}
