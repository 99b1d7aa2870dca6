/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_message.c - what filters may do to the header of a message, as Postfix
 * does it for them.
 */
#include "config.h"

#include "fakes/fake_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void
field_free(struct field *f)
{
	free(f->name);
	free(f->value);
}

void
fake_message_clear(struct message *m)
{
	while (m->n > 0)
		field_free(&m->field[--m->n]);
	m->held = false;
}

void
fake_message_insert(struct message *m, size_t index, const char *name, const char *value)
{
	if (m->n == FIELDS_MAX)
		abort();
	if (index > m->n)
		index = m->n;
	memmove(&m->field[index + 1], &m->field[index], (m->n - index) * sizeof(m->field[0]));
	m->field[index].name = strdup(name);
	m->field[index].value = strdup(value);
	m->n++;
}

bool
fake_message_change(struct message *m, const char *name, int index, const char *value)
{
	for (size_t i = 0; i < m->n; i++) {
		if (strcasecmp(m->field[i].name, name) != 0 || --index > 0)
			continue;
		if (value != NULL) {
			free(m->field[i].value);
			m->field[i].value = strdup(value);
			return true;
		}
		field_free(&m->field[i]);
		m->n--;
		memmove(&m->field[i], &m->field[i + 1], (m->n - i) * sizeof(m->field[0]));
		return true;
	}
	return false;
}

void
fake_message_hold(struct message *m, const char *why)
{
	m->held = true;
	snprintf(m->why, sizeof(m->why), "%s", why);
}
