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
 * Make the sockets that a configuration names, while we may still be root, or take those
 * called "control", "status" and "page" that the service manager has made; nobody is answered yet.
 * What stands in the place of ours and is no socket stays.  NULL: there are none, or they
 * cannot be made, which is logged: mail does not depend on them.
 */
struct control *control_open(const struct conf *);

/* Answer from now on; the context (copied) outlives the control.  NULL is fine. */
bool control_start(struct control *, const struct verbs_context *);

/* Answer nobody any more, and take the sockets away; frees.  NULL is fine. */
void control_close(struct control *);

#endif
