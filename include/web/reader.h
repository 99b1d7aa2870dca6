/* SPDX-License-Identifier: BSD-2-Clause */
/* web/reader.h - the answer to a request, as a reader gets it: a page, or the stylesheet. */
#ifndef RELAYGUARD_WEB_READER_H
#define RELAYGUARD_WEB_READER_H

#include "web/pages.h"

struct reader_answer {
	char *text; /* with its head; the caller frees it.  NULL: out of memory */
	size_t len;
};

/* Whether the daemon is asked for it, and so it may wait.  Pure. */
bool reader_waits(const struct web_request *, int status);

/* Write the answer to a request of that status.  Any thread. */
struct reader_answer reader_make(const struct site *, const struct web_request *, int status);

#endif
