/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorsocket.h - the socket that mail servers ask at, as they find it.  One thread; blocks.
 */
#ifndef RELAYGUARD_CTL_DOCTORSOCKET_H
#define RELAYGUARD_CTL_DOCTORSOCKET_H

#include "ctl/machine.h"

machine_fn doctorsocket_look;

#endif
