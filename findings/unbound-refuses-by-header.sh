#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   unbound 1.17.1-2+deb12u4
# Behaviour: Whom access-control refuses gets a DNS header alone: REFUSED, without the question
#            that was asked, where other answers repeat it.  What compares the question of an
#            answer with its own, as a stub resolver should, sees no answer, and waits for one
#            until it gives up: to a DNS list's user the resolver is silent, not unwilling.
# Input:     a question from 127.0.0.1, which "access-control: 127.0.0.0/8 refuse" shuts out.
# Seen:      12 bytes: flags QR and RD, REFUSED; QDCOUNT 0
. "$(dirname "$0")/common.sh"
need unbound 1.17.1-2+deb12u4 unbound
command -v python3 > /dev/null || die "python3 is not there"

run_unbound "access-control: 127.0.0.0/8 refuse"

# What it answers to a question for bl.example, A, as bytes.
answer() {
	python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('127.0.0.1', $port))
s.settimeout(1)
for _ in range(20):
    try:
        s.send(bytes.fromhex('12340100000100000000000002626c076578616d706c650000010001'))
        print(s.recv(512).hex())
        break
    except OSError:
        time.sleep(0.3)"
}

expect "id, flags, no question, and no more" "$(answer)" '123481050000000000000000'
exit $bad
