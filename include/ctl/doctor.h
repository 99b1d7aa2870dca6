/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctor.h - the verb doctor: look at all that relayguard stands on, and say what is
 * wrong and what helps.  No daemon is needed.  Blocks for a minute at most.
 */
#ifndef RELAYGUARD_CTL_DOCTOR_H
#define RELAYGUARD_CTL_DOCTOR_H

#include <stdbool.h>

/* Do it, by the words behind the verb; 0: all is good, 1: there are warnings, 2: errors; or
 * EX_USAGE where the words make no sense: then the caller says how it is used. */
int doctor_run(bool json, char *const *word);

#endif
