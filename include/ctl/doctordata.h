/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctordata.h - are the files of lists that have data as they ought to be?  One thread;
 * blocks on them, and reads each whole.
 */
#ifndef RELAYGUARD_CTL_DOCTORDATA_H
#define RELAYGUARD_CTL_DOCTORDATA_H

#include "ctl/machine.h"

/* The theme lists, as far as it is about files: machine_fn. */
void doctordata_look(struct machine *);

#endif
