# SPDX-License-Identifier: BSD-2-Clause
"""The whole path: smtpd itself asks each peer, and sessions go on to RCPT.

What smtpd does to ask a milter or a policy server costs as well.  It is seen as the
difference to the same smtpd that asks nobody.
"""
from . import mta, policyd, protocol, relayguard


class _ToRcpt(mta.Smtpd):
    """smtpd, with sessions to RCPT."""

    speak = staticmethod(protocol.smtp_rcpt)
    delay = "yes"  # the default: decide at RCPT


class Alone(_ToRcpt):
    """It asks nobody."""

    name = "smtpd alone"


class _Asking(_ToRcpt):
    """smtpd that asks a peer, which has the same account."""

    decides = True
    inner = None

    def __init__(self):
        super().__init__()
        self._inner = self.inner()

    @classmethod
    def missing(cls):
        return super().missing() or cls.inner.missing()

    def settings(self):
        if isinstance(self._inner, relayguard.Relayguard):
            return self._inner.asked()
        where = self._inner.where()
        return ("smtpd_recipient_restrictions = check_policy_service inet:"
                f"{where[0]}:{where[1]}")

    def start(self, bill):
        self._inner.start(bill)
        return super().start(bill)

    def stop_kindly(self):
        super().stop_kindly()
        self._inner.stop_kindly()

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self._inner.process.wait()


def _asking(kind):
    return type(kind.__name__, (_Asking,), {"name": "smtpd + " + kind.name, "inner": kind,
                                            "decides": kind.decides, "ours": kind.ours})


class Lists(_ToRcpt, mta.SmtpdLists):
    """It asks the lists itself."""

    name = "smtpd reject_rbl_client"
    decides = True


class Before(mta.PostscreenLists):
    """postscreen lets those pass to smtpd that it does not drop."""

    name = "postscreen + smtpd"
    speak = staticmethod(protocol.smtp_rcpt)
    delay = "yes"


OURS, BY_TCP, BY_POLICY, NEEDED, EARLIER, EARLIER_BY_TCP, NULL, NULL_BY_TCP = (
    _asking(kind) for kind in (
        relayguard.Relayguard, relayguard.ByTcp, relayguard.ByPolicy, relayguard.ByPolicyNeeded,
        relayguard.Earlier, relayguard.EarlierByTcp, relayguard.Null, relayguard.NullByTcp))
OUR_WAYS = (Alone, OURS, BY_TCP, BY_POLICY, NEEDED, EARLIER, EARLIER_BY_TCP, NULL, NULL_BY_TCP,
            Lists)
KINDS = (*OUR_WAYS, Before, _asking(policyd.Gross), _asking(policyd.PolicydWeight),
         _asking(policyd.Postfwd))
# What one of them costs over another in the same round, and what it may.
WAYS = {
    "cold": ((BY_POLICY, EARLIER, 0.40), (NEEDED, EARLIER, 0.25), (OURS, EARLIER, None),
             (BY_POLICY, OURS, None), (NEEDED, OURS, None), (BY_POLICY, Lists, None)),
    "warm": ((BY_POLICY, EARLIER, 0.25), (BY_POLICY, OURS, None), (BY_POLICY, Lists, None),
             (OURS, NULL, 1.05), (BY_TCP, NULL_BY_TCP, 1.05), (OURS, EARLIER_BY_TCP, 0.75),
             (OURS, BY_TCP, None)),
}
