/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/fileerror.c - in the words of errno. */
#include "config.h"

#include "ctl/fileerror.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

int
fileerror_open(const char *path)
{
	if (path == NULL) {
		fprintf(stderr, "relayguardctl: out of memory\n");
		return EX_OSERR;
	}
	fprintf(stderr, "relayguardctl: %s: %s\n", path, strerror(errno));
	return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_NOINPUT;
}
