#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   liblognorm-utils 2.0.6-4 (and rsyslog's mmnormalize, by liblognorm5)
# Behaviour: The parser name-value-list knows no quotes: they are part of a value, and one
#            with a blank in it leaves the rest of the line unparsed, pairs before it included.
# Input:     key=value pairs as many programs log them.
# Seen:      a=1 b="2" c=3: all, with the quotes; a=1 b="2 3" c=4: nothing but unparsed-data
. "$(dirname "$0")/common.sh"
need liblognorm-utils 2.0.6-4 lognormalizer

printf 'version=2\nrule=:%%pairs:name-value-list%%\n' > "$work/rules"

# read_as LINE: the object that it becomes.
read_as() {
	echo "$1" | lognormalizer -r "$work/rules" -e json 2> "$work/errors"
}

expect "no quotes" "$(read_as 'a=1 b=2 c=3')" '*"a": "1", "b": "2", "c": "3"*'
expect "quotes" "$(read_as 'a=1 b="2" c=3')" '*"b": "\\"2\\""*'
expect "a blank in quotes" "$(read_as 'a=1 b="2 3" c=4')" '*"unparsed-data"*'
expect "a pair before it" "$(read_as 'a=1 b="2 3" c=4' | grep -c '"a":')" 0
exit $bad
