/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/logqueue.c - a ring of bytes.  A line is its mark, its length in two bytes,
 * and its text; any of them may go on at the ring's beginning.
 */
#include "config.h"

#include "base/logqueue.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static void
append(struct logqueue *q, const void *data, size_t len)
{
	size_t at = (q->first + q->used) % LOGQUEUE_SIZE;
	size_t straight = len < LOGQUEUE_SIZE - at ? len : LOGQUEUE_SIZE - at;

	memcpy(q->ring + at, data, straight);
	memcpy(q->ring, (const unsigned char *)data + straight, len - straight);
	q->used += len;
}

/* Take len bytes off the front; the first size of them are copied. */
static void
remove_front(struct logqueue *q, void *out, size_t size, size_t len)
{
	size_t copied = len < size ? len : size;
	size_t straight = copied < LOGQUEUE_SIZE - q->first ? copied : LOGQUEUE_SIZE - q->first;

	memcpy(out, q->ring + q->first, straight);
	memcpy((unsigned char *)out + straight, q->ring, copied - straight);
	q->first = (q->first + len) % LOGQUEUE_SIZE;
	q->used -= len;
}

bool
logqueue_put(struct logqueue *q, unsigned char mark, const char *text, size_t len)
{
	const unsigned char head[LOGQUEUE_HEAD] = {
	    mark, (unsigned char)(len >> 8), (unsigned char)(len & 0xff)};

	assert(len <= UINT16_MAX);
	if (len + sizeof(head) > LOGQUEUE_SIZE - q->used)
		return false;
	append(q, head, sizeof(head));
	append(q, text, len);
	return true;
}

bool
logqueue_take(struct logqueue *q, unsigned char *mark, char *text, size_t size)
{
	unsigned char head[LOGQUEUE_HEAD];
	size_t len;

	if (q->used == 0)
		return false;
	remove_front(q, head, sizeof(head), sizeof(head));
	*mark = head[0];
	len = (size_t)head[1] << 8 | head[2];
	remove_front(q, text, size - 1, len);
	text[len < size ? len : size - 1] = '\0';
	/* From the beginning again: what was never needed stays untouched. */
	if (q->used == 0)
		q->first = 0;
	return true;
}
