/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/names.c - few names that are found often: by halves, in order.
 */
#include "config.h"

#include "ctl/names.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const char *name, size_t len, const char *with)
{
	int order = strncmp(name, with, len);

	return order != 0 || with[len] == '\0' ? order : -1;
}

/* The first place whose name is not before that one. */
static int
find_place(const struct names *names, const char *name, size_t len)
{
	int low = 0, high = names->n;

	while (low < high) {
		int middle = (low + high) / 2;

		if (compare(name, len, names->name[names->sorted[middle]]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int
names_number(struct names *names, const char *name, size_t len)
{
	int place = find_place(names, name, len), number = names->n;

	if (place < names->n && compare(name, len, names->name[names->sorted[place]]) == 0)
		return names->sorted[place];
	if (number >= names->max || len > NAMES_LEN_MAX ||
	    (names->name[number] = strndup(name, len)) == NULL)
		return -1;
	memmove(&names->sorted[place + 1], &names->sorted[place],
	    (size_t)(names->n - place) * sizeof(names->sorted[0]));
	names->sorted[place] = number;
	names->n++;
	return number;
}

void
names_free(struct names *names)
{
	for (int i = 0; i < names->n; i++)
		free(names->name[i]);
	names->n = 0;
}
