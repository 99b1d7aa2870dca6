/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_message.h - the header of one message, as a filter finds it and as it
 * leaves it.
 */
#ifndef RELAYGUARD_FAKE_MESSAGE_H
#define RELAYGUARD_FAKE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#define FIELDS_MAX 1024

struct field {
	char *name, *value;
};

struct message {
	size_t n;
	struct field field[FIELDS_MAX];
	bool held;
	char why[256]; /* it is */
};

void fake_message_clear(struct message *);

/* Put a field at index, or at the end if there are not so many; copies. */
void fake_message_insert(struct message *, size_t index, const char *name, const char *value);

/* Change the index-th field of that name, from 1; a NULL value removes it.  False: there is none. */
bool fake_message_change(struct message *, const char *name, int index, const char *value);

void fake_message_hold(struct message *, const char *why);

#endif
