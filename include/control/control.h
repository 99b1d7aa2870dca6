/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/control.h - the control sockets of the daemon: made, served, taken away.  Main
 * thread.
 */
#ifndef RELAYGUARD_CONTROL_H
#define RELAYGUARD_CONTROL_H

#include <stdbool.h>

#include "conf/conf.h"
#include "control/status.h"

struct control;

/*
 * Make the sockets that a configuration names, while we may still be root; nobody is
 * answered yet.  *out is NULL where it names none.  False: an error, logged.
 */
bool control_open(struct control **out, const struct conf *);

/* Answer from now on; the context (copied) outlives the control.  NULL is fine. */
bool control_start(struct control *, const struct verbs_context *);

/* Answer nobody any more, and take the sockets away; frees.  NULL is fine. */
void control_close(struct control *);

#endif
