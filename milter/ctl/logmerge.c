/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logmerge.c - all files are open, each at its next entry: the earliest of these is
 * the next of all.
 */
#include "config.h"

#include "ctl/logmerge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "ctl/logfile.h"

#define TICK_LINES 256

struct source {
	const char *path;
	struct logfile *file;
	bool ended;
	void *entry;  /* the next of this file */
	int64_t time; /* when that was, or the one before where it has no stamp */
};

struct logmerge {
	const struct logmerge_kind *kind;
	int64_t now;
	logmerge_tick *tick;
	void *arg;
	uint64_t lines, entries, bad;
	struct source *given; /* whose entry the caller has */
	size_t n;
	struct source source[];
};

/* Go to the next entry of a file. */
static void
advance(struct logmerge *m, struct source *s)
{
	const char *line;
	int64_t time = 0;

	while ((line = logfile_next(s->file)) != NULL) {
		if (++m->lines % TICK_LINES == 0)
			m->tick(m, m->arg);
		switch (m->kind->parse(s->entry, line, m->now, &time)) {
		case LOGMERGE_ENTRY:
			m->entries++;
			if (time > 0)
				s->time = time;
			return;
		case LOGMERGE_BAD:
			m->bad++;
			break;
		case LOGMERGE_OTHER:
			break;
		}
	}
	s->ended = true;
}

static bool
open_source(struct source *s, const char *path, size_t size)
{
	s->path = path;
	return (s->file = logfile_open(path)) != NULL && (s->entry = calloc(1, size)) != NULL;
}

struct logmerge *
logmerge_open(const struct logmerge_kind *kind, char *const *paths, int64_t now,
    logmerge_tick *tick, void *arg, const char **bad)
{
	struct logmerge *m;
	size_t n = 0;

	*bad = NULL;
	while (paths[n] != NULL)
		n++;
	if ((m = calloc(1, sizeof(*m) + n * sizeof(m->source[0]))) == NULL)
		return NULL;
	m->kind = kind;
	m->now = now;
	m->tick = tick;
	m->arg = arg;
	for (; m->n < n; m->n++) {
		struct source *s = &m->source[m->n];

		if (!open_source(s, paths[m->n], kind->size)) {
			int error = errno;

			*bad = s->file == NULL ? s->path : NULL;
			m->n++;
			logmerge_close(m);
			errno = error;
			return NULL;
		}
	}
	for (size_t i = 0; i < n; i++)
		advance(m, &m->source[i]);
	return m;
}

void
logmerge_close(struct logmerge *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++) {
		logfile_close(m->source[i].file);
		free(m->source[i].entry);
	}
	free(m);
}

const void *
logmerge_next(struct logmerge *m)
{
	struct source *first = NULL;

	if (m->given != NULL)
		advance(m, m->given);
	for (size_t i = 0; i < m->n; i++) {
		struct source *s = &m->source[i];

		if (!s->ended && (first == NULL || s->time < first->time))
			first = s;
	}
	m->given = first;
	return first != NULL ? first->entry : NULL;
}

uint64_t
logmerge_entries(const struct logmerge *m)
{
	return m->entries;
}

uint64_t
logmerge_bad(const struct logmerge *m)
{
	return m->bad;
}

int
logmerge_percent(const struct logmerge *m)
{
	int64_t size = 0, offset = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (logfile_size(m->source[i].file) == 0)
			return -1;
		size += logfile_size(m->source[i].file);
		offset += logfile_offset(m->source[i].file);
	}
	if (size == 0)
		return -1;
	return offset < size ? (int)(offset * 100 / size) : 100; /* one may have grown */
}

bool
logmerge_error(const struct logmerge *m, size_t i, const char **path, const char **why)
{
	if (i >= m->n)
		return false;
	*path = m->source[i].path;
	*why = logfile_error(m->source[i].file);
	return true;
}

int
logmerge_tell(const struct logmerge *merge)
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
