#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Package:   postfix 3.7.11-0+deb12u1
# Behaviour: The recipient that a policy service is told of (check_policy_service) is the one
#            as it was typed; a table beside it in the same restrictions (check_recipient_access)
#            is asked for the one that it is rewritten to: the two see another domain.
# Input:     RCPT TO:<bob%strict.example@mx.relay.example>, at a server whose
#            relay_domains has strict.example.  It takes root, and the users of the package.
# Seen:      the service: recipient=bob%strict.example@mx.relay.example;
#            the table: bob@strict.example
. "$(dirname "$0")/common.sh"
need postfix 3.7.11-0+deb12u1 postconf
[ "$(id -u)" -eq 0 ] && id postfix > /dev/null 2>&1 || die "it takes root, and the user postfix"

daemons=/usr/lib/postfix/sbin
[ -z "${DOWNLOAD:-}" ] || daemons=$work/root/usr/lib/postfix/sbin
export LD_LIBRARY_PATH="$work/root/usr/lib/postfix${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

mkdir -p "$work/etc" "$work/data" "$work/queue/pid"
chown postfix "$work/data"
for folder in active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public; do
	mkdir "$work/queue/$folder"
	chown postfix "$work/queue/$folder"
done
cat > "$work/etc/main.cf" << EOF
compatibility_level = 3.6
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LD_LIBRARY_PATH
daemon_directory = $daemons
queue_directory = $work/queue
data_directory = $work/data
maillog_file = $work/maillog
maillog_file_prefixes = $work
myhostname = mx.relay.example
mydestination = mx.relay.example
local_recipient_maps =
alias_maps =
relay_domains = strict.example
relay_recipient_maps =
mynetworks = 127.0.0.9/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_recipient_restrictions = reject_unauth_destination,
    check_policy_service inet:127.0.0.1:$((port + 1)),
    check_recipient_access inline:{ { bob@strict.example = REJECT the table knows bob@strict.example } }
EOF
cat > "$work/etc/master.cf" << EOF
127.0.0.1:$port inet n - n - - smtpd
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
EOF
touch -d '1 minute ago' "$work/etc/main.cf" "$work/etc/master.cf"

# The policy service keeps what it is told, and says nothing against anybody.
cat > "$work/bin/policy" << 'EOF'
import socket
import sys

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    connection, _ = listener.accept()
    with connection, connection.makefile("rw") as lines:
        for line in lines:
            print(line, end="", flush=True)
            if line == "\n":
                lines.write("action=DUNNO\n\n")
                lines.flush()
EOF
start python3 "$work/bin/policy" "$((port + 1))"
ln -s "$daemons/master" "$work/bin/master"
start master -d -c "$work/etc"

reply=$(python3 - "$port" << 'EOF'
import smtplib
import sys
import time

for _ in range(100):
    try:
        client = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example")
        break
    except OSError:
        time.sleep(0.1)
client.ehlo()
client.mail("a@sender.example")
code, text = client.rcpt("bob%strict.example@mx.relay.example")
print(code, text.decode())
EOF
)
sleep 0.3
stop "$last"
expect "the policy service" "$(grep '^recipient=' "$work"/python3.log)" "recipient=bob%strict.example@mx.relay.example"
expect "the table" "$reply" "554 *the table knows bob@strict.example"
exit $bad
