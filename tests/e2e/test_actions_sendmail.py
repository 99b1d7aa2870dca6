#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Actions as Sendmail takes them: marks, quarantine, drop."""
from lib import check, daemon, rbldnsd, sendmail, smtp
from lib.check import case, like, ok, same, unlike

ID = "mx.relay.example"
LISTED, GOOD = "127.0.0.66", "127.0.0.67"  # Sendmail has no XCLIENT

CONFIG = """
list "bl" {{ zone = "bl.example" servers = {{ "{server}" }} name = "The bl list"
    answer "127.0.0.2" {{ category = "open-relay" score = 5 }} }}
allow {{ networks = {{ "203.0.113.200" }} }}
policy "default"         {{ lists = {{ "bl" }} refuse = 0 {more} }}
policy "tag.example"     {{ inherit = "default" tag = 5 results = true }}
policy "defer.example"   {{ inherit = "default" defer = 5 }}
policy "hold.example"    {{ inherit = "default" quarantine = 5 }}
policy "drop.example"    {{ inherit = "default" drop = 5 }}
policy "later.example"   {{ inherit = "default" drop = 5 drop_code = 421 }}
"""

FORGED = (f"X-RelayGuard: verdict=pass",
          f"Authentication-Results: {ID}; spf=pass smtp.mailfrom=bank.example",
          "Authentication-Results: mx.other.example; spf=fail")

if sendmail.why_not():
    check.skip_all(sendmail.why_not())

@case
def x():
    lists = rbldnsd.Rbldnsd({"bl.example": {"ip4set": f"{LISTED} :127.0.0.2:\n"}})
    guard = daemon.Relayguard(CONFIG.format(server=lists.address, more=""))
    with sendmail.Sendmail(f"inet:{guard.port}@127.0.0.1") as mta:
        for client in LISTED, GOOD:
            for r in ("a@tag.example","a@hold.example", "b@defer.example","c@later.example", "d@drop.example"):
                with smtp.Client(mta.port, source=client) as s:
                    s.ehlo()
                    s.mail()
                    print("#", r, s.rcpt(r))
                    try:
                        print("#", s.data("\r\n".join((*FORGED, "Subject: test", "From: a@sender.example", "", "body"))))
                        s.quit()
                    except Exception as e:
                        print(repr(e))
        import subprocess
        print(subprocess.run(f"cd {mta.top}/queue; ls -la; head -100 ?f*", shell=True, text=True, errors="replace", capture_output=True).stdout)
        guard.reload(CONFIG.format(server=lists.address, more='drop = 5 drop_at = "connect"'))
        with smtp.Client(mta.port, source=LISTED) as s:
            print(s.greeting, s.ehlo(), s.mail(), s.rcpt("a@b.example"))
        guard.reload(CONFIG.format(server=lists.address, more='drop = 5 drop_at = "connect" drop_code = 421'))
        with smtp.Client(mta.port, source=LISTED) as s:
            print(s.greeting)
            print(s.ehlo(), s.mail(), s.rcpt("a@b.example"))
        print(guard.output())
    print(mta.output()[-3000:])
check.run()
