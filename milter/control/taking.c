/* SPDX-License-Identifier: BSD-2-Clause */
/* control/taking.c - files that have far fewer entries than there were, or far more, and are
 * right. */
#include "config.h"

#include "control/taking.h"

#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "data/datafeeds.h"

static int
refuse(struct request *r, int status, const char *why)
{
	request_error(r, why);
	return status;
}

/* The data of a list, with a reference; NULL: *why says why there is none. */
static struct datafeed *
find(const char *label, const char **why)
{
	struct conf *conf = conf_current();
	struct datafeed *feed = NULL;

	*why = "no policy names a list of that label";
	for (unsigned i = 0; feed == NULL && i < conf->roster->n; i++) {
		if (strcmp(conf->roster->list[i]->label, label) != 0)
			continue;
		*why = "that list has no data";
		if (conf->roster->list[i]->data != NULL)
			feed = datafeed_ref(conf->roster->list[i]->data);
	}
	conf_unref(&conf);
	return feed;
}

/* How many lines there are is counted; which, the log has of files that come by themselves. */
static void
ignore(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	(void)arg;
	(void)file;
	(void)line;
	(void)why;
	(void)fatal;
}

int
verb_take(struct request *r, const json_t *args, void *arg)
{
	bool bad = false;
	const char *label = request_text(args, "label", &bad), *why;
	struct datafeed_figures figures;
	enum datafeed_news news;
	struct datafeed *feed;

	(void)arg;
	if (bad || label == NULL)
		return refuse(r, EX_USAGE, "take: say the label of a list");
	if ((feed = find(label, &why)) == NULL)
		return refuse(r, 1, why);
	news = datafeed_look(feed, clock_wall(), true, ignore, NULL, &figures);
	request_reply(r,
	    json_pack("{s:o, s:s, s:s, s:s?, s:I, s:I, s:I}", "label", request_shown(label),
		"files", datafeed_news_name(news), "file", figures.file, "why",
		figures.why[0] != '\0' ? figures.why : NULL, "entries",
		(json_int_t)figures.entries, "before", (json_int_t)figures.before, "skipped",
		(json_int_t)figures.skipped));
	datafeed_unref(&feed);
	return news == DATAFEED_TAKEN ? EX_OK : 1;
}
