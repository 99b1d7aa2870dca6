/* SPDX-License-Identifier: BSD-2-Clause */
/* web/topic.c - the categories, and two more. */
#include "config.h"

#include "web/topic.h"

#include <stddef.h>
#include <string.h>

const char *
topic_name(enum topic t)
{
	if (t == TOPIC_SPF)
		return "spf";
	if (t == TOPIC_DOUBT)
		return "doubt";
	return category_name((enum category)t);
}

bool
topic_has_page(enum topic t)
{
	return t < TOPIC_MAX && t != (enum topic)CATEGORY_ALLOW;
}

enum topic
topic_parse(const char *name)
{
	unsigned t = 0;

	while (t < TOPIC_MAX &&
	    (name == NULL || !topic_has_page((enum topic)t) ||
		strcmp(topic_name((enum topic)t), name) != 0))
		t++;
	return (enum topic)t;
}
