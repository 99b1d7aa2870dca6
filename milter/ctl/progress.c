/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/progress.c - one line of the terminal, written over again and again.
 */
#include "config.h"

#include "ctl/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define PATIENCE_MS 2000
#define EVERY_MS 250
#define WIDTH 40

void
progress_begin(struct progress *p)
{
	p->began = clock_ms();
	p->shown = 0;
}

void
progress_show(struct progress *p, int percent, uint64_t n, const char *what)
{
	int64_t now = clock_ms();
	int done = percent * WIDTH / 100;

	if (now - p->began < PATIENCE_MS || (p->shown != 0 && now - p->shown < EVERY_MS) ||
	    !isatty(STDERR_FILENO))
		return;
	p->shown = now;
	fputs("\r[", stderr);
	for (int i = 0; i < WIDTH && percent >= 0; i++)
		fputc(i < done ? '#' : ' ', stderr);
	if (percent >= 0)
		fprintf(stderr, "] %3d%%", percent);
	else
		fputs("...]", stderr);
	if (what != NULL)
		fprintf(stderr, "%s %" PRIu64 " %s", percent >= 0 ? "," : "", n, what);
	fflush(stderr);
}

void
progress_end(struct progress *p)
{
	if (p->shown != 0)
		fputs("\r\033[K", stderr);
	p->shown = 0;
}
