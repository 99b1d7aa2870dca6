/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/logerror.c - what could be read is used all the same. */
#include "config.h"

#include "ctl/logerror.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

int
logerror_open(const char *path)
{
	if (path == NULL) {
		fprintf(stderr, "relayguardctl: out of memory\n");
		return EX_OSERR;
	}
	fprintf(stderr, "relayguardctl: %s: %s\n", path, strerror(errno));
	return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_NOINPUT;
}

int
logerror_tell(const struct logmerge *merge)
{
	const char *path, *why;
	int status = EX_OK;

	for (size_t i = 0; logmerge_error(merge, i, &path, &why); i++)
		if (why != NULL) {
			fprintf(stderr, "relayguardctl: %s: %s\n", path, why);
			status = EX_DATAERR;
		}
	return status;
}
