# SPDX-License-Identifier: BSD-2-Clause
"""The whole path: smtpd itself asks each peer, and sessions go on to RCPT.

What smtpd does to ask a milter or a policy server costs as well.  It is seen as the
difference to the same smtpd that asks nobody.
"""
from . import mta, policyd, protocol, relayguard

BARE = "smtpd alone"


class _ToRcpt(mta.Smtpd):
    """smtpd, with sessions to RCPT."""

    speak = staticmethod(protocol.smtp_rcpt)
    delay = "yes"  # the default: decide at RCPT


class Alone(_ToRcpt):
    """It asks nobody."""

    name = BARE


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
                                            "decides": kind.decides})


class Lists(_ToRcpt, mta.SmtpdLists):
    """It asks the lists itself."""

    name = "smtpd reject_rbl_client"
    decides = True


class Before(mta.PostscreenLists):
    """postscreen lets those pass to smtpd that it does not drop."""

    name = "postscreen + smtpd"
    speak = staticmethod(protocol.smtp_rcpt)
    delay = "yes"


KINDS = (Alone, _asking(relayguard.Relayguard), _asking(relayguard.ByTcp),
         _asking(relayguard.ByPolicy), _asking(relayguard.Null), _asking(relayguard.NullByTcp),
         _asking(policyd.Gross), Lists, Before,
         _asking(policyd.PolicydWeight), _asking(policyd.Postfwd),
         _asking(relayguard.ByPolicyNeeded))
OURS = KINDS[1].name
OUR_WAYS = tuple(kind.name for kind in KINDS if kind is Alone or kind is Lists or
                 issubclass(getattr(kind, "inner", None) or type, relayguard.Relayguard))
# No peers of it, but other ways to it, and to its lists.
OURS_TOO = (KINDS[2].name, KINDS[3].name, KINDS[-1].name, relayguard.ByData.name,
            relayguard.ByDataAndPolicy.name)
# What our ways cost, each over another; the same round.
WAYS = {
    "cold": ((KINDS[3].name, OURS, 0.40), (KINDS[-1].name, OURS, 0.25),
             (KINDS[3].name, Lists.name, None)),
    "warm": ((KINDS[3].name, OURS, 0.25), (KINDS[3].name, Lists.name, None),
             (OURS, KINDS[4].name, 1.05), (KINDS[2].name, KINDS[5].name, 1.05),
             (OURS, KINDS[2].name, 0.75)),
}
