/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/postfixplace.h - an item of Postfix's that names a socket, "unix:path" or
 * "inet:host:port", with options behind it or not.  Pure.
 */
#ifndef RELAYGUARD_CTL_POSTFIXPLACE_H
#define RELAYGUARD_CTL_POSTFIXPLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "ctl/postfixconf.h"

#define POSTFIXPLACE_MAX 1024 /* bytes of an item or of what is in it, with the NUL */

/* The place in an item, up to its first option. */
void postfixplace_of(const char *item, char out[POSTFIXPLACE_MAX]);

/* Whether a place is that of ours, as Postfix has it; path: of a unix socket, or NULL. */
bool postfixplace_is_ours(
    const struct postfixconf *, const char *place, const char *ours, const char *path);

/* The value of an option of an item, "connect_timeout = 3s"; false: it has none. */
bool postfixplace_option(const char *item, const char *option, char out[POSTFIXPLACE_MAX]);

/* Whether a service runs in a chroot. */
bool postfixplace_is_chrooted(const struct postfixconf *, const struct postfix_service *);

#endif
