/* SPDX-License-Identifier: BSD-2-Clause */
/* web/daemon.c - a few at a time: a socket of the daemon's has no more places. */
#include "config.h"

#include "web/daemon.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "base/loglimit.h"
#include "control/ask.h"
#include "control/server.h"

#define AT_A_TIME (SERVER_CLIENTS - 2) /* somebody may look by hand */

struct daemon {
	const char *path;
	struct loglimit limit;
	pthread_mutex_t lock; /* guards asking */
	pthread_cond_t left;
	unsigned asking;
};

struct daemon *
daemon_new(const char *path)
{
	struct daemon *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->path = path;
	pthread_mutex_init(&d->lock, NULL);
	condition_init(&d->left);
	return d;
}

void
daemon_free(struct daemon *d)
{
	if (d == NULL)
		return;
	pthread_cond_destroy(&d->left);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* Wait for a turn; false: there is none in time. */
static bool
enter(struct daemon *d, int64_t deadline)
{
	const struct timespec until = condition_deadline(deadline);
	bool good;
	int error = 0;

	pthread_mutex_lock(&d->lock);
	while (d->asking == AT_A_TIME && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&d->left, &d->lock, &until);
	good = d->asking < AT_A_TIME;
	d->asking += good;
	pthread_mutex_unlock(&d->lock);
	return good;
}

static void
leave(struct daemon *d)
{
	pthread_mutex_lock(&d->lock);
	d->asking--;
	pthread_cond_signal(&d->left);
	pthread_mutex_unlock(&d->lock);
}

/* The data of the first line; the status of the last. */
static int
take_line(const char *text, void *arg)
{
	json_t **data = arg, *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *found;
	int status = -1;

	if (json_is_true(json_object_get(line, "end")))
		status = (int)json_integer_value(json_object_get(line, "status"));
	else if (*data == NULL && json_is_object(found = json_object_get(line, "data")))
		*data = json_incref(found);
	json_decref(line);
	return status < -1 ? EX_PROTOCOL : status;
}

static const char *
words_of(int status)
{
	switch (status) {
	case ASK_NOBODY:
		return strerror(errno);
	case ASK_GONE:
		return "it has ended before its reply did";
	case ASK_SILENT:
		return "it has not answered in time";
	case ASK_TOO_LONG:
		return "the request is too long, or not in UTF-8";
	case ASK_MEMORY:
		return "out of memory";
	case EX_TEMPFAIL:
		return "it has too many clients or questions";
	default:
		return "it has not done what was asked";
	}
}

static void
complain(struct daemon *d, int status)
{
	const char *error = words_of(status);
	unsigned times = loglimit_count(&d->limit, LOGLIMIT_MINUTE_MS);
	struct logline line;

	if (times == 0)
		return;
	logline_event(&line, "no-answer");
	logline_str(&line, "socket", d->path);
	logline_words(&line, "error", error);
	logline_num(&line, "times", times);
	logline_end(&line, LOG_LEVEL_WARNING);
}

json_t *
daemon_ask(struct daemon *d, json_t *request, bool *often)
{
	int64_t deadline = clock_ms() + DAEMON_MS;
	json_t *data = NULL;
	int status = EX_TEMPFAIL;
	bool asked = request != NULL && enter(d, deadline);

	if (asked) {
		int left = (int)(deadline - clock_ms());
		const struct ask_patience p = {
		    .connect_ms = left > 0 ? left : 1, .reply_ms = left > 0 ? left : 0};

		status = ask_daemon(d->path, request, p, take_line, &data);
		leave(d);
	}
	json_decref(request);
	*often = asked && status == EX_TEMPFAIL;
	if (status == EX_OK && data != NULL)
		return data;
	complain(d, status != EX_OK ? status : EX_PROTOCOL);
	json_decref(data);
	return NULL;
}
