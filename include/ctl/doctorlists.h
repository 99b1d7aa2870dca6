/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/doctorlists.h - each list, by each server that is asked about it.  One thread, and a
 * loop's; blocks. */
#ifndef RELAYGUARD_CTL_DOCTORLISTS_H
#define RELAYGUARD_CTL_DOCTORLISTS_H

#include "ctl/machine.h"

machine_fn doctorlists_look;

#endif
