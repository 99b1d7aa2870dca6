/* SPDX-License-Identifier: BSD-2-Clause */
/* lists/category.c - a table. */
#include "config.h"

#include "lists/category.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	const char *words;
	const char *advice;
} categories[CATEGORY_MAX] = {
#define X(id, name, words, advice) [CATEGORY_##id] = {name, words, advice},
    CATEGORY_TABLE(X)
#undef X
};

const char *
category_name(enum category category)
{
	assert(category < CATEGORY_MAX);
	return categories[category].name;
}

const char *
category_words(enum category category)
{
	assert(category < CATEGORY_MAX);
	return categories[category].words;
}

const char *
category_advice(enum category category)
{
	assert(category < CATEGORY_MAX);
	return categories[category].advice;
}

bool
category_is_intrusion(enum category category)
{
	return category == CATEGORY_OPEN_PROXY || category == CATEGORY_EXPLOITED ||
	    category == CATEGORY_BRUTEFORCE || category == CATEGORY_WEB_EXPLOIT ||
	    category == CATEGORY_BOTNET_CONTROLLER || category == CATEGORY_MALWARE;
}

enum category
category_parse(const char *name)
{
	unsigned i;

	for (i = 0; i < CATEGORY_MAX; i++)
		if (strcmp(categories[i].name, name) == 0)
			break;
	return (enum category)i;
}
