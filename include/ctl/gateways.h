/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/gateways.h - the gateways of this machine's routes.  One thread; blocks on files. */
#ifndef RELAYGUARD_CTL_GATEWAYS_H
#define RELAYGUARD_CTL_GATEWAYS_H

#include <stdbool.h>

#include "base/ipaddr.h"

/* Call fn with each of them, until it returns false; what it has returned at last. */
typedef bool gateways_fn(void *arg, const struct ipaddr *gateway);
bool gateways_each(gateways_fn *fn, void *arg);

#endif
