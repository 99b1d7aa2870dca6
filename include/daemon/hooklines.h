/* SPDX-License-Identifier: BSD-2-Clause */
/* daemon/hooklines.h - what to write into the mail server's configuration. */
#ifndef RELAYGUARD_DAEMON_HOOKLINES_H
#define RELAYGUARD_DAEMON_HOOKLINES_H

struct conf;

/* Print it, for a configuration that is good, in the file of that name. */
void hooklines_print(const struct conf *, const char *file);

#endif
