/* SPDX-License-Identifier: BSD-2-Clause */
/* test_milterclients.c - which connection is which, and many that come and go. */
#include "config.h"

#include "session/milterclients.h"

#include <stdlib.h>

#include "tap.h"

#define MANY 9000

static struct milterclients_key
key_of(const char *client, uint16_t port, const char *server)
{
	struct ipaddr address;

	if (!ipaddr_parse(&address, client))
		abort();
	return milterclients_key(&address, port, server);
}

static const struct {
	const char *label, *client;
	uint16_t port;
	const char *server;
	bool same;
} rows[] = {
    {"itself", "198.51.100.7", 4000, "192.0.2.25", true},
    {"another client", "198.51.100.8", 4000, "192.0.2.25", false},
    {"another port", "198.51.100.7", 4001, "192.0.2.25", false},
    {"another server", "198.51.100.7", 4000, "192.0.2.26", false},
    {"no server", "198.51.100.7", 4000, NULL, false},
    {"a server that is no address", "198.51.100.7", 4000, "mx", false},
    {"no port", "198.51.100.7", 0, "192.0.2.25", false},
    {"another family", "2001:db8::7", 4000, "192.0.2.25", false},
};

static void
test_rows(void)
{
	const struct milterclients_key key = key_of("198.51.100.7", 4000, "192.0.2.25");
	struct milterclients_entry entry = {.at = NULL};

	milterclients_add(&entry, &key);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct milterclients_key other =
		    key_of(rows[i].client, rows[i].port, rows[i].server);

		same_num(milterclients_has(&other), rows[i].same, rows[i].label);
	}
	milterclients_remove(&entry);
	ok(!milterclients_has(&key), "gone");
	milterclients_remove(&entry);
	ok(!milterclients_has(&key), "and gone again");
}

static void
test_unknown(void)
{
	const struct milterclients_key none = key_of("198.51.100.7", 0, NULL),
				       half = key_of("198.51.100.7", 4000, NULL);
	struct milterclients_entry a = {.at = NULL}, b = {.at = NULL};

	milterclients_add(&a, &none);
	milterclients_add(&b, &half);
	ok(!milterclients_has(&none), "no port is like no other");
	ok(milterclients_has(&half), "of two without a server the rest tells");
	milterclients_remove(&a);
	milterclients_remove(&b);
	ok(!milterclients_has(&half), "gone");
}

static void
test_many(void)
{
	struct milterclients_entry *entry = calloc(MANY, sizeof(*entry));
	struct milterclients_key key = key_of("198.51.100.7", 1, "192.0.2.25");
	unsigned there = 0;

	if (entry == NULL)
		abort();
	for (unsigned i = 0; i < MANY; i++) {
		key.port = (uint16_t)(i / 2 + 1); /* each one twice */
		milterclients_add(&entry[i], &key);
	}
	for (unsigned i = 0; i < MANY; i += 2)
		milterclients_remove(&entry[i]);
	for (unsigned i = 1; i < MANY; i += 4)
		milterclients_remove(&entry[i]);
	for (unsigned i = 0; i < MANY / 2; i++) {
		key.port = (uint16_t)(i + 1);
		there += milterclients_has(&key);
		if (milterclients_has(&key) != (i % 2 == 1))
			ok(false, "port %u", i + 1);
	}
	same_num(there, MANY / 4, "those whose last has not left");
	for (unsigned i = 3; i < MANY; i += 4)
		milterclients_remove(&entry[i]);
	ok(!milterclients_has(&key), "all are gone");
	free(entry);
}

int
main(void)
{
	test_rows();
	test_unknown();
	test_many();
	return done();
}
