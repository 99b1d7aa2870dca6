/* SPDX-License-Identifier: BSD-2-Clause */
/* base/output.c - stdio(3) says of a stream that it has failed, and not why. */
#include "config.h"

#include "base/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int failed; /* errno of the first attempt that has failed; 0: none has */

void
output_flush(void)
{
	int before = errno;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		errno = before;
	else if (failed == 0)
		failed = errno != 0 ? errno : before != 0 ? before : EIO;
}

int
output_end(const char *program, int status)
{
	output_flush();
	if (failed == 0)
		return status;
	fprintf(stderr, "%s: standard output: %s\n", program, strerror(failed));
	return EX_IOERR;
}
