/* SPDX-License-Identifier: BSD-2-Clause */
/* daemon/fixed.h - what a reload cannot change, for it was settled at the start. */
#ifndef RELAYGUARD_DAEMON_FIXED_H
#define RELAYGUARD_DAEMON_FIXED_H

struct conf;

/* Log each word of a new configuration that takes effect only after a restart.  Any thread. */
void fixed_warn(const struct conf *before, const struct conf *now);

#endif
