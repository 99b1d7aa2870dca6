/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/connections.h - the readers who are there: one request, one answer.  On the I/O thread,
 * which waits for nobody, so that those who are slow are in nobody's way.
 *
 * By libevent's events and the little of HTTP that control/http.h has, and not by its evhttp,
 * which can neither count its connections nor bound the time of a whole request.
 */
#ifndef RELAYGUARD_WEB_CONNECTIONS_H
#define RELAYGUARD_WEB_CONNECTIONS_H

#include <stdbool.h>

#include "web/pages.h"

#define CONNECTIONS_MAX 192       /* at a time; one more takes the place of the slowest */
#define CONNECTIONS_OF_NETWORK 48 /* the same for a /24 or /64, where nobody is between */
#define CONNECTIONS_MS 10000      /* for a request to come, and for its answer to be read */

struct connections;

/* Accept on fd, which listens, and is not closed; site is borrowed.  NULL: no memory, or no
 * threads; errno says which. */
struct connections *connections_new(const struct site *, int fd);

/* Start; false: there is no thread to be had. */
bool connections_start(struct connections *);

/* End, whoever is there; waits for the daemon, where it has been asked.  NULL is fine. */
void connections_free(struct connections *);

#endif
