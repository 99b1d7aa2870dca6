/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/doctordns.h - the resolvers, whatever is asked.  One thread; blocks. */
#ifndef RELAYGUARD_CTL_DOCTORDNS_H
#define RELAYGUARD_CTL_DOCTORDNS_H

#include "ctl/machine.h"

machine_fn doctordns_look;

#endif
