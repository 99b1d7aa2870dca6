/* SPDX-License-Identifier: BSD-2-Clause */
/* control/ownentry.c - times are texts, as everywhere. */
#include "config.h"

#include "control/ownentry.h"

#include "base/clock.h"
#include "control/server.h"

static json_t *
json_time(int64_t wall)
{
	char text[CLOCK_TEXT_SIZE];

	return wall != 0 ? json_string(clock_text(wall, text)) : json_null();
}

/* An empty text is none. */
static json_t *
json_words(const char *text)
{
	return text[0] != '\0' ? request_shown(text) : json_null();
}

json_t *
ownentry_reasons(const struct local_entry *e, bool past)
{
	json_t *all = json_object();

	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++) {
		if ((e->reasons >> r & 1) == 0 && !(past && e->until[r] != 0))
			continue;
		json_object_set_new(all, local_reason_name(r),
		    json_pack("{s:o, s:o, s:o, s:i}", "rule", json_words(e->rule[r]), "since",
			json_time(e->since[r]), "until", json_time(e->until[r]), "times",
			(int)e->times[r]));
	}
	return all;
}

json_t *
ownentry_line(const struct local_entry *e, bool past, uint32_t now)
{
	char client[IPADDR_STRLEN];
	json_t *line = json_pack("{s:s, s:b, s:o}", "client", ipaddr_format(&e->client, client),
	    "listed", e->reasons != 0, "reasons", ownentry_reasons(e, past));

	if (now < e->held)
		json_object_set_new(line, "removed_at", json_time(e->held));
	return line;
}

json_t *
ownentry_hit(const struct local_hit *hit)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "step", "hit", "time",
	    json_time(hit->time), "reason", local_reason_name(hit->reason), "what",
	    json_words(hit->what), "name", json_words(hit->name), "helo", json_words(hit->helo),
	    "sender", json_words(hit->sender), "ref", json_words(hit->ref));
}

json_t *
ownentry_count(const struct local_count *count)
{
	return json_pack("{s:s, s:s, s:I, s:o, s:o}", "step", "seen", "reason",
	    local_reason_name(count->reason), "times", (json_int_t)count->hits, "first",
	    json_time(count->first), "last", json_time(count->last));
}

json_t *
ownentry_audit(const struct local_audit *a)
{
	char client[IPADDR_STRLEN];

	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "step",
	    "audit", "time", json_time(a->time), "client", ipaddr_format(&a->client, client),
	    "deed", local_deed_name(a->deed), "by", json_words(a->by), "reason",
	    json_words(a->reason), "rule", json_words(a->rule), "until", json_time(a->until),
	    "why", json_words(a->why), "evidence", json_words(a->evidence), "version",
	    a->version);
}
