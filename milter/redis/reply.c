/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/reply.c - replies as trees.  A text is kept up to a bound only: nothing
 * that we want is longer.
 */
#include "config.h"

#include "redis/reply.h"

#include <stdlib.h>
#include <string.h>

struct redisreply *
redisreply_text(enum redisreply_type type, const char *text, size_t len)
{
	size_t kept = len < REDISREPLY_TEXT_MAX ? len : REDISREPLY_TEXT_MAX;
	struct redisreply *r = malloc(sizeof(*r) + kept + 1);

	if (r == NULL)
		return NULL;
	*r = (struct redisreply){.type = type, .len = len};
	if (kept > 0)
		memcpy(r->text, text, kept);
	r->text[kept] = '\0';
	return r;
}

struct redisreply *
redisreply_number(long long number)
{
	struct redisreply *r = redisreply_text(REDISREPLY_INTEGER, "", 0);

	if (r != NULL)
		r->number = number;
	return r;
}

struct redisreply *
redisreply_array(size_t n)
{
	struct redisreply *r = redisreply_text(REDISREPLY_ARRAY, "", 0);

	if (r == NULL || n == 0)
		return r;
	r->element = calloc(n, sizeof(struct redisreply *));
	if (r->element == NULL) {
		free(r);
		return NULL;
	}
	r->len = n;
	return r;
}

/* No deeper than whoever read it allows. */
void
redisreply_free(struct redisreply *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; r->element != NULL && i < r->len; i++)
		redisreply_free(r->element[i]);
	free(r->element);
	free(r);
}

bool
redisreply_is(const struct redisreply *r, const char *status)
{
	return r->type == REDISREPLY_STATUS && strcmp(r->text, status) == 0;
}

bool
redisreply_is_error(const struct redisreply *r, const char *word)
{
	size_t len = strlen(word);

	return r->type == REDISREPLY_ERROR && strncmp(r->text, word, len) == 0 &&
	    (r->text[len] == ' ' || r->text[len] == '\0');
}

const struct redisreply *
redisreply_at(const struct redisreply *r, size_t i, enum redisreply_type type)
{
	if (r == NULL || r->type != REDISREPLY_ARRAY || i >= r->len ||
	    r->element[i]->type != type)
		return NULL;
	return r->element[i];
}
