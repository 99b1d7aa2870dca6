/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/doctorpostfix.h - whether Postfix asks us, and how patiently.  One thread; blocks. */
#ifndef RELAYGUARD_CTL_DOCTORPOSTFIX_H
#define RELAYGUARD_CTL_DOCTORPOSTFIX_H

#include "ctl/machine.h"

machine_fn doctorpostfix_look;

#endif
