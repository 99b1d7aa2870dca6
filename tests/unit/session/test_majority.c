/* SPDX-License-Identifier: BSD-2-Clause */
/* test_majority.c - one address among clients: when the log says so, and how often. */
#include "config.h"

#include "session/majority.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "tap.h"

#define GATEWAY "172.17.0.1"
#define LOOPBACK "127.0.0.1"
#define THREADS 4

/* So many clients of one address; NULL: each of another one. */
static void
come(const char *address, unsigned n)
{
	struct ipaddr client;

	if (!ipaddr_parse(&client, address != NULL ? address : "198.51.100.0"))
		abort();
	for (unsigned i = 0; i < n; i++) {
		if (address == NULL)
			client.byte[3] = (uint8_t)i;
		majority_note(&client);
	}
}

static const struct {
	const char *label;
	struct {
		const char *address;
		unsigned n;
	} steps[3];
	const char *want; /* in the log; NULL: nothing is */
} rows[] = {
    {"too few to tell", {{GATEWAY, 499}}, NULL},
    {"all have one", {{GATEWAY, 1}},
	"event=clients-hidden address=" GATEWAY " clients=500 of=500\n"},
    {"and go on", {{GATEWAY, 5000}}, NULL},
    {"another one has taken over", {{LOOPBACK, 500}}, NULL},
    {"a few others", {{LOOPBACK, 494}, {NULL, 6}}, NULL},
    {"fewer others", {{LOOPBACK, 300}, {NULL, 5}, {LOOPBACK, 195}},
	"event=clients-hidden address=" LOOPBACK " clients=495 of=500\n"},
    {"each another one", {{NULL, 200}, {NULL, 200}, {NULL, 100}}, NULL},
    {"half of them", {{LOOPBACK, 250}, {NULL, 125}, {NULL, 125}}, NULL},
    {"the other half first", {{NULL, 200}, {LOOPBACK, 300}}, NULL},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size;
		char *text;
		FILE *file = open_memstream(&text, &size);

		if (file == NULL)
			abort();
		log_to_stream(file);
		for (size_t k = 0; k < 3; k++)
			come(rows[i].steps[k].address, rows[i].steps[k].n);
		fclose(file);
		if (rows[i].want == NULL)
			same_str(text, "", rows[i].label);
		else
			ok(strstr(text, rows[i].want) != NULL, "%s: %s", rows[i].label, text);
		free(text);
	}
	log_to_stream(stderr);
}

static void *
run(void *arg)
{
	(void)arg;
	come(NULL, 250);
	return NULL;
}

static void
test_threads(void)
{
	struct ipaddr nobody = {0};
	pthread_t thread[THREADS];

	majority_note(&nobody);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, run, NULL) != 0)
			abort();
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ok(true, "many threads, and one without an address");
}

int
main(void)
{
	test_rows();
	test_threads();
	return done();
}
