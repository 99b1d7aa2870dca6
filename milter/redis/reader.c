/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/reader.c - the functions by which hiredis makes what it has read.  NULL
 * from one of them is an error of the connection.
 */
#include "config.h"

#include "redis/reader.h"

#include <hiredis/hiredis.h>

#define UNPARSED_MAX 65536 /* bytes of a reply that hiredis may hold */

/* hiredis counts the elements of an array in two ways. */
#if HIREDIS_MAJOR >= 1
#define ELEMENTS size_t
#else
#define ELEMENTS int
#endif

/* Put it into the array that it is of. */
static void *
place(const redisReadTask *task, struct redisreply *reply)
{
	struct redisreply *array = task->parent != NULL ? task->parent->obj : NULL;

	if (reply != NULL && array != NULL)
		array->element[task->idx] = reply;
	return reply;
}

static void *
create_text(const redisReadTask *task, char *text, size_t len)
{
	enum redisreply_type type = REDISREPLY_STRING;

	if (task->type == REDIS_REPLY_STATUS)
		type = REDISREPLY_STATUS;
	else if (task->type == REDIS_REPLY_ERROR)
		type = REDISREPLY_ERROR;
	else if (task->type != REDIS_REPLY_STRING)
		return NULL;
	return place(task, redisreply_text(type, text, len));
}

static void *
create_number(const redisReadTask *task, long long number)
{
	return place(task, redisreply_number(number));
}

static void *
create_nil(const redisReadTask *task)
{
	return place(task, redisreply_text(REDISREPLY_NIL, "", 0));
}

/* Its elements count from when they are announced: memory is taken for them then. */
static void *
create_array(const redisReadTask *task, ELEMENTS n)
{
	struct redisreader *r = task->privdata;
	unsigned depth = 1;

	for (const redisReadTask *t = task->parent; t != NULL; t = t->parent)
		depth++;
	if (task->type != REDIS_REPLY_ARRAY || depth > r->limits.depth ||
	    (size_t)n > r->limits.parts || r->parts > r->limits.parts - (size_t)n)
		return NULL;
	r->parts += (size_t)n;
	return place(task, redisreply_array((size_t)n));
}

#if HIREDIS_MAJOR >= 1
static void *
refuse_double(const redisReadTask *task, double number, char *text, size_t len)
{
	(void)task;
	(void)number;
	(void)text;
	(void)len;
	return NULL;
}

static void *
refuse_bool(const redisReadTask *task, int value)
{
	(void)task;
	(void)value;
	return NULL;
}
#endif

static void
free_object(void *reply)
{
	redisreply_free(reply);
}

static redisReplyObjectFunctions functions = {
    .createString = create_text,
    .createArray = create_array,
    .createInteger = create_number,
    .createNil = create_nil,
#if HIREDIS_MAJOR >= 1
    /* Left out, hiredis would make something of its own. */
    .createDouble = refuse_double,
    .createBool = refuse_bool,
#endif
    .freeObject = free_object,
};

void
redisreader_begin(struct redisreader *r, struct redisContext *context)
{
	r->parts = 0;
	context->reader->fn = &functions;
	context->reader->privdata = r;
}

enum reading
redisreader_next(struct redisreader *r, struct redisContext *context,
    const struct redisreply_limits *limits, struct redisreply **out)
{
	const redisReader *reader = context->reader;
	void *reply = NULL;

	r->limits = *limits;
	if (redisGetReplyFromReader(context, &reply) != REDIS_OK)
		return READING_NONSENSE;
	if (reply == NULL)
		return reader->len - reader->pos > UNPARSED_MAX ? READING_NONSENSE
								: READING_WAITS;
	r->parts = 0;
	*out = reply;
	return READING_REPLY;
}
