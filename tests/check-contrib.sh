#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What contrib/quickstart and contrib/check share, and what make analyse leaves.  Runs where it was built;
# prints TAP.
set -u
LC_ALL=C
export LC_ALL

: "${srcdir:=.}"
. "$srcdir/tests/tap.sh"
. "$srcdir/contrib/common.sh"
PROGRESS_S=1

# A command that ends when its progress has been told, or after a minute.
cat > "$work/command" <<'END'
echo "first"
echo "what it is at"
tries=0
until grep -q "what it is at" "$1"; do
	tries=$((tries + 1))
	[ "$tries" -lt 600 ] || exit 1
	sleep 0.1
done
exit 3
END
: > "$work/told"
# It reads what is told while that is written.
# shellcheck disable=SC2094
quietly "$work/log" sh "$work/command" "$work/told" > "$work/told" 2> "$work/errors"
status=$?

{ [ "$status" -eq 3 ] || echo "its code was $status"; } > "$work/bad"
check "what takes long says how it goes on, and its code is known"
{ grep -q "what it is at" "$work/errors" || echo "nothing was shown"; } > "$work/bad"
check "the log is shown where it fails"
quietly "$work/log" echo fine > "$work/bad" 2>&1
check "what is soon done is done without a word"

# What need_packages asks, and does, in a tree where nothing was built yet.
: > "$work/bad"
(
	mkdir "$work/fresh" && cd "$work/fresh" || exit 1
	# need_packages calls them.
	# shellcheck disable=SC2317
	missing_packages() { echo " one"; }
	# shellcheck disable=SC2317
	install_packages() { :; }
	# shellcheck disable=SC2317
	id() { echo 0; }
	need_packages one
) > "$work/said" 2>&1 || cp "$work/said" "$work/bad"
check "packages are installed where nothing was built yet"

# What contrib/check-vm makes once, and keeps, where it is ended meanwhile.
mkdir "$work/vm" "$work/fakes"
cat > "$work/fakes/mmdebstrap" <<'END'
#!/bin/sh
for word; do
	case $word in *.tar) echo half > "$word" ;; esac
done
[ -n "${WHOLE:-}" ] || kill -9 "$PPID"
END
chmod +x "$work/fakes/mmdebstrap"
{
	echo "mirror() { echo mirror; }; suite=any GUEST_PACKAGES=any base=$work/vm/any.tar work=$work/vm"
	sed -n '/^make_base()/,/^}/p' "$srcdir/contrib/check-vm"
	echo make_base
} > "$work/make_base"
PATH=$work/fakes:$PATH sh "$work/make_base" > "$work/said" 2>&1
: > "$work/bad"
[ ! -e "$work/vm/any.tar" ] || echo "a part is taken for the whole" > "$work/bad"
check "a Debian that was not made to its end is made again"
WHOLE=1 PATH=$work/fakes:$PATH sh "$work/make_base" > "$work/bad" 2>&1
[ -e "$work/vm/any.tar" ] || echo "there is none" >> "$work/bad"
check "and one that was is kept"

# left_of: what is left of these findings, with $work/known.
left_of() {
	cat > "$work/findings" <<'END'
../../milter/a/b.c:7:12: warning: Use of memory after it is freed [unix.Malloc]
        thing->x = [0];
milter/a/c.c:9:1: warning: Uninitialised [unix.Malloc]
1 warning generated.
END
	awk -v tool=clang -f "$srcdir/tests/analyse/left.awk" "$work/known" "$work/findings"
}

# expect_left LABEL LINE...: these are left, which is no success.
expect_left() {
	label=$1
	shift
	: > "$work/bad"
	left_of > "$work/left" && echo "it is a success" > "$work/bad"
	printf '%s\n' "$@" | sort > "$work/want"
	sort "$work/left" | diff "$work/want" - >> "$work/bad"
	check "$label"
}

finding="milter/a/c.c:9:1: warning: Uninitialised [unix.Malloc]"
printf '# A comment\n\nclang milter/a/b.c unix.Malloc why\n' > "$work/known"
expect_left "what is known of one file is left of another" "$finding"
echo 'cppcheck milter/a/c.c unix.Malloc why' >> "$work/known"
expect_left "and what is known of another analyser" "$finding"
echo 'clang milter/a/c.c unix.Malloc' >> "$work/known"
expect_left "to be known takes a reason" \
    "$work/known:5: there is no reason: clang milter/a/c.c unix.Malloc"
printf 'clang milter/a/%s.c unix.Malloc why\n' b c > "$work/known"
left_of > "$work/bad" || echo "it is no success" >> "$work/bad"
check "of what is known nothing is left"
echo 'clang milter/a/b.c core.Null why' >> "$work/known"
expect_left "what is known and not found is" \
    "$work/known:3: not found any more: milter/a/b.c core.Null"
finish
