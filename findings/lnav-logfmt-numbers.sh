#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   lnav 0.11.1-3
# Behaviour: logfmt2json() takes a bare value for a number wherever it can: one that begins
#            with 0 is octal, one with an E in it a float, so that ids of hexadecimal or
#            base 32 digits come out as another value.  A value of "" is no empty text, but
#            an error that ends the whole query.
# Input:     key=value pairs as Postfix's queue ids and many programs' references are.
# Seen:      01234567: 342391; 1E999999: 0.0; A1234567: "A1234567"; from="": an error
. "$(dirname "$0")/common.sh"
need lnav 0.11.1-3 lnav

HOME=$work
export HOME
echo 'Nov 29 01:02:03 mail program[1]: a=b' > "$work/log"

# value TEXT: what becomes of the value of x, or "error".
value() {
	lnav -n -c ";SELECT logfmt2json('x=$1 a=b') AS j" -c ':write-json-to -' "$work/log" 2>&1 |
	    awk '/"x":/ { sub(/.*"x": */, ""); sub(/,$/, ""); print; found = 1; exit }
		/string body missing/ { print "error"; found = 1; exit }
		END { if (!found) print "nothing" }'
}

expect "eight digits, 0 the first" "$(value 01234567)" 342391
expect "digits and an E" "$(value 1E999999)" 0.0
expect "a letter first" "$(value A1234567)" '"A1234567"'
expect "an empty value in quotes" "$(value '""')" error
exit $bad
