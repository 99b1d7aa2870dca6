#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   pflogsumm 1.1.5-8
# Behaviour: What a milter refuses is not counted: in smtpd's lines "reject" is looked for,
#            and "milter-reject" in those of cleanup alone, though smtpd(8) writes it for
#            each refusal at connect, HELO, MAIL, RCPT and DATA.
# Input:     lines as Postfix 3.7 writes them: a milter's 550 and 450, and Postfix's own 554.
# Seen:      1 rejected of 3; the two of the milter are nowhere
. "$(dirname "$0")/common.sh"
need pflogsumm 1.1.5-8 pflogsumm

smtpd='Nov 29 01:02:03 mail postfix/smtpd[7]: NOQUEUE:'
rest='from=<a@sender.example> to=<bob@here.example> proto=ESMTP helo=<mx.sender.example>'
{
	echo "$smtpd milter-reject: RCPT from mx.sender.example[198.51.100.7]: 550 5.7.1 Refused by a filter; $rest"
	echo "$smtpd milter-reject: RCPT from mx.sender.example[198.51.100.8]: 450 4.7.1 Put off by a filter; $rest"
	echo "$smtpd reject: RCPT from mx.sender.example[198.51.100.9]: 554 5.7.1 <bob@here.example>: Relay access denied; $rest"
} > "$work/log"

report=$(pflogsumm "$work/log")
expect "rejected" "$(echo "$report" | sed -n 's/^ *\([0-9]*\) *rejected.*/\1/p')" 1
expect "lines with the filter's words" "$(echo "$report" | grep -c 'by a filter')" 0
expect "lines with Postfix's own" "$(echo "$report" | grep -c 'Relay access denied\|relay access denied')" '[1-9]*'
exit $bad
