/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/probesverb.c - the files are read once, in the order of their times; the rules are those
 * of own/prober.h.
 */
#include "config.h"

#include "ctl/probesverb.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/bulk.h"
#include "ctl/fileerror.h"
#include "ctl/jsonline.h"
#include "ctl/logmerge.h"
#include "ctl/logstamp.h"
#include "ctl/probelog.h"
#include "ctl/progress.h"
#include "ctl/statstext.h"
#include "ctl/words.h"
#include "own/probes.h"

#define CLIENTS 65536
#define DAYS_MAX 36500
#define DAY_S 86400
#define VERB "probes"

struct options {
	bool json;
	int64_t days;      /* 0: all */
	const char *own;   /* domains, with commas between them, or NULL */
	char *const *file; /* a NULL ends them */
};

/* A client that is taken for a tester. */
struct tester {
	struct ipaddr client;
	struct prober prober;
};

struct findings {
	struct tester *tester;
	size_t n;
	bool failed; /* memory was out */
	uint64_t refused, undated, excused[PROBES_EXCUSES];
};

/* False: the words are none that make sense. */
static bool
take_options(struct options *o, char *const *word)
{
	const char *days = NULL;
	const struct words_option options[] = {{"days", &days}, {"own", &o->own}, {NULL, NULL}};

	if (!words_take(VERB, &word, options))
		return false;
	o->file = word;
	if (*word == NULL)
		return words_wrong(VERB, NULL, WORDS_TOO_FEW);
	return days == NULL || words_number(VERB, "--days", days, DAYS_MAX, &o->days);
}

/* Whether a domain is among the given ones, or below one of them. */
static bool
is_own(const void *domains, const char *domain)
{
	size_t len = strlen(domain);

	for (const char *at = domains; at != NULL && *at != '\0'; at += *at == ',') {
		size_t n = strcspn(at, ",");

		if (n > 0 && n <= len && strncasecmp(domain + len - n, at, n) == 0 &&
		    (n == len || domain[len - n - 1] == '.'))
			return true;
		at += n;
	}
	return false;
}

/* --- What is read --- */

static void
tick(const struct logmerge *merge, void *progress)
{
	progress_show(progress, logmerge_percent(merge), logmerge_entries(merge), "lines");
}

static void
note(struct findings *f, struct probes *probes, const struct probelog_entry *e)
{
	const struct probes_refusal refusal = {
	    .client = e->client,
	    .recipient = e->recipient,
	    .sender = e->has_sender ? e->sender : NULL,
	    .helo = e->has_helo ? e->helo : NULL,
	};
	const struct prober *prober;

	if (e->accepted) {
		probes_accepted(probes, &e->client, (uint32_t)e->time);
		return;
	}
	f->refused++;
	f->excused[probes_refused(probes, &refusal, (uint32_t)e->time, &prober)]++;
}

static void
read_all(struct findings *f, struct probes *probes, struct logmerge *merge, int64_t since)
{
	const struct probelog_entry *e;

	while ((e = logmerge_next(merge)) != NULL)
		if (e->time <= 0)
			f->undated++;
		else if (e->time >= since)
			note(f, probes, e);
}

static void
add_tester(void *arg, const struct ipaddr *client, const struct prober *prober)
{
	struct findings *f = arg;
	struct tester *grown = bulk_next(f->tester, f->n, sizeof(*grown));

	if (grown == NULL) {
		f->failed = true;
		return;
	}
	f->tester = grown;
	f->tester[f->n++] = (struct tester){*client, *prober};
}

static int
by_client(const void *a, const void *b)
{
	const struct tester *one = a, *other = b;

	return ipaddr_compare(&one->client, &other->client);
}

/* --- What is shown --- */

/* The address of a client; of IPv6 its network. */
static const char *
client_text(const struct ipaddr *client, char out[IPADDR_STRLEN + 4])
{
	ipaddr_format(client, out);
	if (client->bits == 128)
		strcat(out, "/64");
	return out;
}

static void
show_tester(const struct tester *t)
{
	char client[IPADDR_STRLEN + 4], first[STATSTEXT_TIME_MAX], last[STATSTEXT_TIME_MAX];

	printf("%-24s %-9s %5" PRIu32 "  %s  %s ", client_text(&t->client, client),
	    prober_rule_name(t->prober.rule), t->prober.attempts,
	    statstext_time(t->prober.first, first), statstext_time(t->prober.last, last));
	for (enum probe_form form = 0; form < PROBE_FORMS; form++)
		if ((t->prober.forms >> form & 1) != 0)
			printf(" %s", probeform_name(form));
	putchar('\n');
}

static void
show_text(const struct findings *f)
{
	if (f->n > 0)
		printf("%-24s %-9s %5s  %-16s  %-16s  %s\n", "client", "rule", "tries", "first",
		    "last", "forms");
	for (size_t i = 0; i < f->n; i++)
		show_tester(&f->tester[i]);
	printf("%s%" PRIu64 " recipients were refused, %" PRIu64
	       " of them are evidence; %zu clients are taken for relay testers\n",
	    f->n > 0 ? "\n" : "", f->refused, f->excused[PROBES_NONE], f->n);
}

static json_t *
tester_data(const struct tester *t)
{
	char client[IPADDR_STRLEN + 4];
	json_t *forms = json_array();

	for (enum probe_form form = 0; form < PROBE_FORMS; form++)
		if ((t->prober.forms >> form & 1) != 0)
			(void)json_array_append_new(forms, json_string(probeform_name(form)));
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "kind", "client", "client",
	    client_text(&t->client, client), "rule", prober_rule_name(t->prober.rule),
	    "attempts", (json_int_t)t->prober.attempts, "first", (json_int_t)t->prober.first,
	    "last", (json_int_t)t->prober.last, "since", (json_int_t)t->prober.since, "forms",
	    forms);
}

static bool
show_json(const struct findings *f, int status)
{
	bool good = true;

	for (size_t i = 0; i < f->n; i++)
		good = jsonline_data(stdout, VERB, tester_data(&f->tester[i])) && good;
	good = jsonline_data(stdout, VERB,
		   json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "kind",
		       "total", "refused", (json_int_t)f->refused, "evidence",
		       (json_int_t)f->excused[PROBES_NONE], "unreadable",
		       (json_int_t)f->excused[PROBES_UNREADABLE], "local",
		       (json_int_t)f->excused[PROBES_LOCAL], "ours",
		       (json_int_t)f->excused[PROBES_OURS], "bounces",
		       (json_int_t)f->excused[PROBES_BOUNCE], "rewritten",
		       (json_int_t)f->excused[PROBES_REWRITTEN], "known_good",
		       (json_int_t)f->excused[PROBES_GOOD], "clients", (json_int_t)f->n)) &&
	    good;
	return jsonline_end(stdout, status) && good;
}

static int
show(const struct options *o, struct findings *f, int status)
{
	if (f->failed)
		return fileerror_open(NULL);
	if (f->n > 0)
		qsort(f->tester, f->n, sizeof(f->tester[0]), by_client);
	if (f->undated > 0)
		fprintf(stderr,
		    "relayguardctl: %" PRIu64 " lines without a time are left out\n",
		    f->undated);
	if (!o->json)
		show_text(f);
	else if (!show_json(f, status))
		status = EX_OSERR;
	return status;
}

int
probesverb_run(bool json, char *const *word)
{
	struct options o = {.json = json};
	struct findings f = {0};
	int64_t now = logstamp_now();
	struct progress progress;
	struct logmerge *merge;
	struct probes *probes;
	const char *bad;
	int status;

	if (!take_options(&o, word))
		return EX_USAGE;
	progress_begin(&progress);
	if ((merge = logmerge_open(probelog_kind(), o.file, now, tick, &progress, &bad)) ==
	    NULL)
		return fileerror_open(bad);
	if ((probes = probes_new(CLIENTS, is_own, o.own)) != NULL) {
		read_all(&f, probes, merge, o.days > 0 ? now - o.days * DAY_S : 0);
		progress_end(&progress);
		probes_each(probes, add_tester, &f);
		status = show(&o, &f, logmerge_tell(merge));
	} else {
		status = fileerror_open(NULL);
	}
	free(f.tester);
	probes_free(probes);
	logmerge_close(merge);
	return status;
}
