/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorsystem.h - the machine, and the daemon if it runs.  One thread; blocks.
 */
#ifndef RELAYGUARD_CTL_DOCTORSYSTEM_H
#define RELAYGUARD_CTL_DOCTORSYSTEM_H

#include "ctl/machine.h"

machine_fn doctorsystem_look;

#endif
