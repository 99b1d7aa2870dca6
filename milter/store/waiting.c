/* SPDX-License-Identifier: BSD-2-Clause */
/* store/waiting.c - one block for each row. */
#include "config.h"

#include "store/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const char *
append(char **at, const char *text)
{
	char *begin = *at;

	if (text == NULL)
		return NULL;
	*at = stpcpy(begin, text) + 1;
	return begin;
}

static size_t
size_of(const char *text)
{
	return text != NULL ? strlen(text) + 1 : 0;
}

struct waiting *
waiting_new(const struct store_row *row)
{
	size_t size = size_of(row->ref) + size_of(row->line) + size_of(row->policy) +
	    size_of(row->conf) + size_of(row->at);
	struct waiting *w = malloc(sizeof(*w) + size);
	char *at;

	if (w == NULL)
		return NULL;
	at = w->text;
	w->next = NULL;
	w->row = (struct store_row){
	    .time = clock_wall(),
	    .ref = append(&at, row->ref),
	    .line = append(&at, row->line),
	    .policy = append(&at, row->policy),
	    .conf = append(&at, row->conf),
	    .at = append(&at, row->at),
	};
	return w;
}

void
waiting_free(struct waiting *w)
{
	for (struct waiting *next; w != NULL; w = next) {
		next = w->next;
		free(w);
	}
}
