/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/anomaly.c - what lists have answered that cannot be believed.  Each list is
 * logged once an hour for each kind, with the number of times.
 */
#include "config.h"

#include "health/anomaly.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/counter.h"
#include "base/log.h"
#include "base/loglimit.h"
#include "health/diagnosis.h"

/* What is odd about a list, of one kind. */
struct anomaly_log {
	struct anomaly_log *next;
	uint32_t list_id;
	enum anomaly kind;
	struct loglimit logged;
};

struct anomalies {
	struct anomaly_log *first; /* a few for each list, and lists are few */
};

struct anomalies *
anomalies_new(void)
{
	return calloc(1, sizeof(struct anomalies));
}

void
anomalies_free(struct anomalies *all)
{
	struct anomaly_log *t;

	if (all == NULL)
		return;
	while ((t = all->first) != NULL) {
		all->first = t->next;
		free(t);
	}
	free(all);
}

static struct anomaly_log *
anomaly_find(struct anomalies *all, uint32_t list_id, enum anomaly kind)
{
	struct anomaly_log *t;

	for (t = all->first; t != NULL; t = t->next)
		if (t->list_id == list_id && t->kind == kind)
			return t;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->list_id = list_id;
	t->kind = kind;
	t->next = all->first;
	all->first = t;
	return t;
}

static const char *
advice(enum anomaly kind, uint32_t bad)
{
	switch (kind) {
	case ANOMALY_NONE:
		break;
	case ANOMALY_UNDECLARED:
		return "the list has a code its answer table lacks";
	case ANOMALY_LOOPBACK:
		return "no listing; the list may be shutting down";
	case ANOMALY_ERROR_CODE:
		return diagnosis_of_refusal(bad);
	case ANOMALY_OUTSIDE:
		return "not the answer of a list: its domain is parked, or the resolver rewrites answers";
	}
	return NULL;
}

static void
speak(enum anomaly kind, const struct listing *listing, uint32_t bad, unsigned count)
{
	struct in_addr in = {.s_addr = htonl(bad)};
	char address[INET_ADDRSTRLEN];
	struct logline line;

	logline_event(&line, "list-error");
	logline_str(&line, "list", listing->label);
	logline_str(&line, "error", anomaly_name(kind));
	logline_str(&line, "answer", inet_ntop(AF_INET, &in, address, sizeof(address)));
	logline_num(&line, "count", count);
	logline_str(&line, "hint", advice(kind, bad));
	logline_end(&line, LOG_LEVEL_WARNING);
}

void
anomalies_note(
    struct anomalies *all, const struct listing *listing, enum anomaly kind, uint32_t bad)
{
	struct anomaly_log *t;
	unsigned count;

	if (kind == ANOMALY_NONE)
		return;
	counter_add(COUNTER_LIST_ERRORS);
	if ((t = anomaly_find(all, listing->id, kind)) == NULL)
		return;
	if ((count = loglimit_count(&t->logged, LOGLIMIT_HOUR_MS)) > 0)
		speak(kind, listing, bad, count);
}
