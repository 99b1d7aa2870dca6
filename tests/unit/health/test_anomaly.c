/* SPDX-License-Identifier: BSD-2-Clause */
/* test_anomaly.c - what is odd about a list is said at once, then once an hour. */
#include "config.h"

#include "health/anomaly.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#include "tap.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static char zone[] = "secret.example", label[] = "demo", second[] = "other";

static struct listing demo = {.label = label, .zone = zone, .id = 1};
static struct listing other = {.label = second, .zone = zone, .id = 2};

static const struct {
	const char *label;
	struct listing *list;
	enum anomaly kind;
	uint32_t bad;
	int64_t after_ms; /* time passes before it */
	const char *line; /* NULL: nothing is said */
} rows[] = {
    {"a good answer", &demo, ANOMALY_NONE, 0, 0, NULL},
    {"an error code", &demo, ANOMALY_ERROR_CODE, 0x7ffffffe, 0,
	"event=list-error list=demo error=error-code answer=127.255.255.254 count=1 "},
    {"the same again", &demo, ANOMALY_ERROR_CODE, 0x7ffffffe, 1000, NULL},
    {"the same of another list", &other, ANOMALY_ERROR_CODE, 0x7fffffff, 0,
	"event=list-error list=other error=error-code answer=127.255.255.255 count=1 "},
    {"another kind", &demo, ANOMALY_OUTSIDE, 0x5bc3f075, 0,
	"event=list-error list=demo error=outside answer=91.195.240.117 count=1 "},
    {"a code too many, in a listing", &demo, ANOMALY_UNDECLARED, 0x7f000063, 0,
	"event=list-error list=demo error=undeclared answer=127.0.0.99 count=1 "},
    {"127.0.0.1", &demo, ANOMALY_LOOPBACK, 0x7f000001, 0,
	"event=list-error list=demo error=loopback answer=127.0.0.1 count=1 "},
    {"just before the hour", &demo, ANOMALY_ERROR_CODE, 0x7ffffffe, HOUR_MS - 1001, NULL},
    {"after the hour, with how often", &demo, ANOMALY_ERROR_CODE, 0x7ffffffe, 1,
	"event=list-error list=demo error=error-code answer=127.255.255.254 count=3 "},
};

static void
test_row(struct anomalies *all, size_t i)
{
	char *text = NULL, *said;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	clock_advance(rows[i].after_ms);
	log_to_stream(stream);
	anomalies_note(all, rows[i].list, rows[i].kind, rows[i].bad);
	log_to_stream(stderr);
	fclose(stream);
	said = strstr(text, "event=");
	if (rows[i].line == NULL)
		ok(text[0] == '\0', "%s: nothing is said", rows[i].label);
	else
		ok(said != NULL && strncmp(said, rows[i].line, strlen(rows[i].line)) == 0,
		    "%s: %s", rows[i].label, text);
	ok(strstr(text, zone) == NULL, "%s: the zone is not shown", rows[i].label);
	free(text);
}

int
main(void)
{
	struct anomalies *all = anomalies_new();

	clock_freeze(1000, 1800000000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(all, i);
	anomalies_free(all);
	anomalies_free(NULL);
	return done();
}
