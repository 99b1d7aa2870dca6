/* SPDX-License-Identifier: BSD-2-Clause */
/* web/answer.c - nothing is taken for granted: what is not there is empty. */
#include "config.h"

#include "web/answer.h"

#include <stdio.h>
#include <string.h>

const char *
answer_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

const char *
answer_number(const json_t *object, const char *key, char *out, size_t size)
{
	const json_t *value = json_object_get(object, key);

	out[0] = '\0';
	if (json_is_integer(value))
		snprintf(out, size, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(out, size, "%g", json_real_value(value));
	return out;
}

const json_t *
answer_decisive(const json_t *decision)
{
	const json_t *lists = json_object_get(decision, "lists");

	for (size_t i = 0; i < json_array_size(lists); i++)
		if (json_is_true(json_object_get(json_array_get(lists, i), "decided")))
			return json_array_get(lists, i);
	return json_array_get(lists, 0);
}

enum topic
answer_topic(const json_t *decision)
{
	const char *reason = answer_text(decision, "reason");
	enum topic t;

	if (strcmp(reason, "deny") == 0)
		return (enum topic)CATEGORY_LOCAL;
	if (strcmp(reason, "spf") == 0)
		return TOPIC_SPF;
	t = topic_parse(answer_text(answer_decisive(decision), "category"));
	if (t == TOPIC_MAX || strcmp(reason, "lists") != 0)
		return TOPIC_DOUBT;
	return t;
}

/* Whether the lists that decided hold the client no more. */
static bool
are_clear(const json_t *lists)
{
	bool any = false;

	for (size_t i = 0; i < json_array_size(lists); i++) {
		const json_t *list = json_array_get(lists, i);

		if (!json_is_true(json_object_get(list, "decided")))
			continue;
		if (strcmp(answer_text(list, "now"), "clear") != 0)
			return false;
		any = true;
	}
	return any;
}

bool
answer_is_clear(const json_t *decision)
{
	const char *reason = answer_text(decision, "reason");

	if (!json_is_true(json_object_get(decision, "accepted")))
		return false;
	return strcmp(reason, "deny") == 0 || strcmp(reason, "spf") == 0 ||
	    are_clear(json_object_get(decision, "lists"));
}

bool
answer_is_link(const char *url)
{
	return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
}
