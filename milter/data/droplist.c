/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/droplist.c - a line of a list of networks in JSON.  What is not needed of an object
 * is left alone, for more may come to be in it.
 */
#include "config.h"

#include "data/droplist.h"

#include <string.h>

#include <jansson.h>

#include "base/strbuf.h"

/* Copy a text that may be missing; false: it is something else, or too long. */
static bool
take_text(char out[DROPLIST_VALUE_MAX], const json_t *value)
{
	if (value == NULL)
		return true;
	return json_is_string(value) &&
	    strbuf_copy(out, DROPLIST_VALUE_MAX, json_string_value(value));
}

static bool
read_object(struct droplist_line *line, const json_t *object, char *why, size_t whysize)
{
	const json_t *type = json_object_get(object, "type");
	const json_t *records = json_object_get(object, "records");

	if (json_is_string(type) && strcmp(json_string_value(type), "metadata") == 0) {
		if (json_is_integer(records))
			line->records = json_integer_value(records);
		return true;
	}
	if (!take_text(line->network, json_object_get(object, "cidr")) ||
	    !take_text(line->note, json_object_get(object, "sblid")))
		return strbuf_fail(why, whysize, "cidr or sblid is not a short text");
	return line->network[0] != '\0' ||
	    strbuf_fail(why, whysize, "there is no network, cidr, in it");
}

bool
droplist_read(struct droplist_line *line, const char *text, char *why, size_t whysize)
{
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	bool good;

	*line = (struct droplist_line){.records = -1};
	if (object == NULL)
		return strbuf_fail(why, whysize, "is not an object of JSON on one line");
	good = read_object(line, object, why, whysize);
	json_decref(object);
	return good;
}
