/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sightings.c - lines of the daemon, or of anybody, and the text that they make. */
#include "config.h"

#include "ctl/sightings.h"

#include "ctl/complainttext.h"
#include "tap.h"

#define LINE(data) "{\"format\":1,\"verb\":\"local\",\"data\":{" data "}}"
#define COUNT(reason, times, first, last)                                   \
	LINE("\"step\":\"seen\",\"reason\":\"" reason "\",\"times\":" times \
	     ",\"first\":\"" first "\",\"last\":\"" last "\"")
#define HIT(reason, what)                                                                   \
	LINE("\"step\":\"hit\",\"time\":\"2026-11-29T10:00:00Z\",\"reason\":\"" reason      \
	     "\",\"what\":" what ",\"name\":null,\"helo\":\"a b\\n\",\"sender\":\"<x@y>\"," \
	     "\"ref\":\"F7K3Q2M9\"")
#define T1 "2026-11-27T10:00:00Z"
#define T2 "2026-11-28T10:00:00Z"
#define T3 "2026-11-29T10:00:00Z"

static struct sightings e;

static int
take(const char *line)
{
	return sightings_take(&e, line);
}

static void
test_good(void)
{
	e = (struct sightings){0};
	same_num(take(LINE("\"step\":\"entry\",\"client\":\"41.1.2.3\",\"listed\":true,"
			   "\"contact\":\"abuse@our.example\"")),
	    -1, "an entry");
	ok(!sightings_is_there(&e), "which is no evidence");
	same_str(e.contact, "abuse@our.example", "our contact");
	(void)take(COUNT("trap", "2", T2, T3));
	(void)take(COUNT("probe", "5", T1, T2));
	(void)take(HIT("probe", "\"percent\""));
	(void)take(HIT("trap", "\"seeded-7\""));
	same_num(take("{\"end\":true,\"status\":1}"), 1, "the last line");
	same_num(sightings_times(&e), 7, "how often");
	same_str(sightings_first(&e), T1, "the first");
	same_str(sightings_last(&e), T3, "the last");
	same_num((long long)e.nhits, 2, "hits");
	same_str(e.hit[0].what, "percent", "the form of a probe");
	same_str(e.hit[1].what, "", "and no trap");
	same_str(e.hit[0].helo, "a b\\u000a", "what cannot be seen");
	same_str(complainttext_deed(&e), "tests of whether a mail server relays", "by weight");
}

static void
test_text(void)
{
	const struct complainant who = {"abuse@our.example", "our.example", "Our Company"};
	const struct ipaddr address = {32, {41, 1, 2, 3}};
	char text[8192], hits[4096];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	complainttext_write(&sb, &address, &e, &who);
	ok(!sb.cut && strstr(text, "41.1.2.3") != NULL && strstr(text, "Our Company") != NULL &&
		strstr(text, T1) != NULL && strstr(text, "no reports") != NULL &&
		strstr(text, "seeded-7") == NULL,
	    "all that is needed, and no trap");
	strbuf_init(&sb, hits, sizeof(hits));
	complainttext_hits(&sb, &address, &e);
	same_str(hits,
	    T3 " client=41.1.2.3 kind=probe form=percent helo=\"a b\\\\u000a\" from=<x@y> "
	       "ref=F7K3Q2M9\n" T3
	       " client=41.1.2.3 kind=trap helo=\"a b\\\\u000a\" from=<x@y> ref=F7K3Q2M9\n",
	    "the lines of what was seen");
}

/* Lines that say nothing, whoever wrote them. */
static const char *const nothing[] = {
    "",
    "[]",
    "x",
    "{\"data\":7}",
    LINE("\"step\":7"),
    LINE("\"step\":\"seen\""),
    COUNT("nominated", "5", T1, T2),
    COUNT("x", "5", T1, T2),
    COUNT("probe", "0", T1, T2),
    COUNT("probe", "-5", T1, T2),
    COUNT("probe", "\"5\"", T1, T2),
    COUNT("probe", "5", "yesterday", T2),
    COUNT("probe", "5", T1, "2026-11-28T10:00:00Zx"),
    COUNT("probe", "5", "", ""),
    HIT("nominated", "null"),
    HIT("what", "5"),
    LINE("\"step\":\"hit\",\"reason\":\"probe\",\"time\":7"),
};

int
main(void)
{
	test_good();
	test_text();
	e = (struct sightings){0};
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		ok(take(nothing[i]) == -1 && !sightings_is_there(&e) && e.nhits == 0, "%s",
		    nothing[i]);
	for (int i = 0; i < 2 * SIGHTINGS_HITS_MAX; i++)
		(void)take(HIT("probe", "\"bang\""));
	same_num((long long)e.nhits, SIGHTINGS_HITS_MAX, "there is an end");
	(void)take(COUNT("probe", "9223372036854775807", T1, T2));
	(void)take(COUNT("trap", "9223372036854775807", T1, T2));
	ok(sightings_times(&e) > 0, "nor do sums run over");
	return done();
}
