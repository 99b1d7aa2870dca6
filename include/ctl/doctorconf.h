/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/doctorconf.h - the configuration, its files and folders.  One thread; blocks. */
#ifndef RELAYGUARD_CTL_DOCTORCONF_H
#define RELAYGUARD_CTL_DOCTORCONF_H

#include "ctl/machine.h"

machine_fn doctorconf_look;

#endif
