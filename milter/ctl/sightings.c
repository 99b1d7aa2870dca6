/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/sightings.c - JSON of the daemon, or of a file: no more is taken for granted of one than
 * of the other. */
#include "config.h"

#include "ctl/sightings.h"

#include <jansson.h>
#include <string.h>

#include "base/strbuf.h"

static const char *
text_of(const json_t *data, const char *key)
{
	const char *text = json_string_value(json_object_get(data, key));

	return text != NULL ? text : "";
}

static void
copy_shown(char out[SIGHTINGS_TEXT_SIZE], const json_t *data, const char *key)
{
	struct strbuf sb;

	strbuf_init(&sb, out, SIGHTINGS_TEXT_SIZE);
	strbuf_add_visible(&sb, text_of(data, key));
}

/* A time is digits in their places, and nothing else; else it is empty. */
static void
copy_time(char out[SIGHTINGS_TIME_SIZE], const json_t *data, const char *key)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	const char *text = text_of(data, key);
	bool good = strlen(text) == sizeof(form) - 1;

	for (size_t i = 0; good && form[i] != '\0'; i++)
		good = form[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
	(void)strbuf_copy(out, SIGHTINGS_TIME_SIZE, good ? text : "");
}

/* The reason of a line; LOCAL_REASONS: of none that we have seen ourselves. */
static enum local_reason
reason_of(const json_t *data)
{
	enum local_reason reason = local_reason_parse(text_of(data, "reason"));

	return reason == LOCAL_NOMINATED ? LOCAL_REASONS : reason;
}

static void
take_count(struct sightings *e, const json_t *data)
{
	enum local_reason reason = reason_of(data);
	struct sighting_count count = {
	    .times = json_integer_value(json_object_get(data, "times"))};

	if (reason == LOCAL_REASONS || count.times < 1)
		return;
	copy_time(count.first, data, "first");
	copy_time(count.last, data, "last");
	if (count.first[0] != '\0' && count.last[0] != '\0')
		e->count[reason] = count;
}

static void
take_hit(struct sightings *e, const json_t *data)
{
	struct sighting_hit *hit = &e->hit[e->nhits];

	if (e->nhits == SIGHTINGS_HITS_MAX || reason_of(data) == LOCAL_REASONS)
		return;
	*hit = (struct sighting_hit){.reason = reason_of(data)};
	copy_time(hit->time, data, "time");
	if (hit->time[0] == '\0')
		return;
	if (hit->reason == LOCAL_PROBE) /* of traps it would be their id */
		copy_shown(hit->what, data, "what");
	copy_shown(hit->name, data, "name");
	copy_shown(hit->helo, data, "helo");
	copy_shown(hit->sender, data, "sender");
	copy_shown(hit->ref, data, "ref");
	e->nhits++;
}

int
sightings_take(struct sightings *e, const char *line)
{
	json_t *reply = json_loads(line, 0, NULL);
	const json_t *data = json_object_get(reply, "data"),
		     *status = json_object_get(reply, "status");
	const char *step = text_of(data, "step");
	int result = json_is_integer(status) ? (int)json_integer_value(status) : -1;

	if (strcmp(step, "entry") == 0)
		copy_shown(e->contact, data, "contact");
	else if (strcmp(step, "seen") == 0)
		take_count(e, data);
	else if (strcmp(step, "hit") == 0)
		take_hit(e, data);
	json_decref(reply);
	return result;
}

bool
sightings_is_there(const struct sightings *e)
{
	return sightings_times(e) > 0;
}

int64_t
sightings_times(const struct sightings *e)
{
	int64_t times = 0;

	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++)
		if (e->count[r].times < INT32_MAX)
			times += e->count[r].times;
		else
			times += INT32_MAX;
	return times;
}

const char *
sightings_first(const struct sightings *e)
{
	const char *first = "";

	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++)
		if (e->count[r].times > 0 &&
		    (first[0] == '\0' || strcmp(e->count[r].first, first) < 0))
			first = e->count[r].first;
	return first;
}

const char *
sightings_last(const struct sightings *e)
{
	const char *last = "";

	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++)
		if (e->count[r].times > 0 && strcmp(e->count[r].last, last) > 0)
			last = e->count[r].last;
	return last;
}
