/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/doctorredis.h - Redis, as it is configured.  One thread; blocks. */
#ifndef RELAYGUARD_CTL_DOCTORREDIS_H
#define RELAYGUARD_CTL_DOCTORREDIS_H

#include "ctl/machine.h"

machine_fn doctorredis_look;

#endif
