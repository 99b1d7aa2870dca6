/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorsendmail.h - whether Sendmail asks us, and how patiently; and whether there is a mail server at all.
 * One thread; blocks on files.
 */
#ifndef RELAYGUARD_CTL_DOCTORSENDMAIL_H
#define RELAYGUARD_CTL_DOCTORSENDMAIL_H

#include "ctl/machine.h"

machine_fn doctorsendmail_look;

#endif
