/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/doctorpolicy.h - whether Postfix asks by its policy delegation, and how.  One thread. */
#ifndef RELAYGUARD_CTL_DOCTORPOLICY_H
#define RELAYGUARD_CTL_DOCTORPOLICY_H

#include <stdbool.h>

#include "ctl/machine.h"
#include "ctl/postfixconf.h"

/* Look at a service, which asks as a milter's client or not; whether it asks by that. */
bool doctorpolicy_look(
    struct machine *, const struct postfixconf *, const struct postfix_service *, bool milter);

#endif
