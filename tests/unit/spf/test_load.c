/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spf_load.c - many threads have senders checked by real processes, some of
 * which die of it: everybody has a result, and the right one.
 */
#include "config.h"

#include "spf/spf.h"

#include <sys/socket.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "fakes/fake_dns.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "os/spawn.h"
#include "spf/wire.h"
#include "upstream/upstream.h"

#include "tap.h"

#define THREADS 8
#define CHECKS 240
#define FATAL 12 /* one of so many is the end of its process */
#define DEADLINE_MS 30000
#define PATIENCE_MS 250 /* while others wait for the process, as spf/spf.c has it */
#define SECONDS_MAX 600

static struct loop *loop;
static struct upstream *upstream;
static struct promises *promises;
static struct spf *spf;
static atomic_uint begun, right, lost;

/* One question, and then a result; or neither. */
static void
serve(int fd)
{
	static unsigned char packet[SPFWIRE_MAX];
	struct spf_message heard, says;
	ssize_t n;

	while ((n = recv(fd, packet, sizeof(packet), 0)) > 0) {
		if (!spfwire_read(&heard, packet, (size_t)n))
			_exit(1);
		says = (struct spf_message){.verb = SPF_RESULT, .number = heard.number};
		if (heard.verb == SPF_CHECK && strncmp(heard.as.check.sender, "fatal", 5) == 0)
			abort();
		if (heard.verb == SPF_CHECK) {
			says.verb = SPF_ASK;
			says.as.ask = (struct spf_ask){DNS_TXT, "policy.example"};
		} else {
			says.as.outcome.result =
			    heard.as.answer.status == DNS_FOUND ? SPF_PASS : SPF_NEUTRAL;
			says.as.outcome.reason = "";
		}
		n = (ssize_t)spfwire_write(packet, &says);
		(void)!send(fd, packet, (size_t)n, MSG_NOSIGNAL);
	}
	_exit(0);
}

/* On a busy machine a process may take so long that the sender gives way to others. */
static bool
is_right(enum spf_result result, bool fatal, int64_t took)
{
	if (fatal)
		return result == SPF_UNKNOWN;
	return result == SPF_PASS || (result == SPF_TEMPERROR && took >= PATIENCE_MS);
}

static void
check_one(unsigned number)
{
	int64_t began = clock_ms();
	bool fatal = number % FATAL == 0;
	struct promise *promise;
	struct ipaddr client;
	char sender[64];
	int result;

	snprintf(sender, sizeof(sender), "198.51.100.%u", number % 250);
	ipaddr_parse(&client, sender);
	snprintf(sender, sizeof(sender), "%s@d%u.example", fatal ? "fatal" : "good",
	    number % 3 == 0 ? number : number / 2);
	promise = spf_check(spf, &client, "helo.example", sender, "me.example",
	    clock_ms() + DEADLINE_MS, false);
	/* Some do not wait for it. */
	if (number % 7 != 0) {
		result = promise_wait(promise, clock_ms() + DEADLINE_MS, -1);
		if (is_right((enum spf_result)result, fatal, clock_ms() - began))
			atomic_fetch_add(&right, 1);
		else
			atomic_fetch_add(&lost, 1);
	}
	promise_release(&promise);
}

static void *
check_all(void *arg)
{
	unsigned number;

	(void)arg;
	while ((number = atomic_fetch_add(&begun, 1)) < CHECKS)
		check_one(number);
	return NULL;
}

static void
teach(void)
{
	static const char policy[] = "v=spf1 +all";
	struct dns_records records = {.n = 1,
	    .record = {{.len = sizeof(policy) - 1, .data = (const unsigned char *)policy}}};
	const struct dns_reply reply = {.status = DNS_FOUND, .ttl = 300, .records = &records};

	if (!fake_dns_teach_type(DNS_TXT, "policy.example", NULL, &reply, 3))
		abort();
}

static void
run(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, check_all, NULL) != 0)
			abort();
	for (unsigned size = 1; atomic_load(&begun) < CHECKS; size = size % 6 + 1) {
		spf_configure(spf, size);
		usleep(20000);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

int
main(void)
{
	int spawner = spawn_start("test-spf-load", serve);
	char server[] = "127.0.0.1", *servers[] = {server, NULL};
	FILE *null = fopen("/dev/null", "w");

	alarm(SECONDS_MAX);
	if (spawner < 0 || !spawn_become(spawner, NULL, NULL) || null == NULL)
		return 1;
	log_to_stream(null);
	loop = loop_new();
	upstream = upstream_new(loop);
	promises = promises_new(loop);
	spf = spf_new(loop, upstream, promises, spawner);
	teach();
	loop_start(loop);
	upstream_configure(upstream, servers, NULL);
	run();
	same_num(atomic_load(&right), CHECKS - (CHECKS + 6) / 7, "right results");
	same_num(atomic_load(&lost), 0, "others");
	ok(counter_get(COUNTER_SPF_DEATHS) >= CHECKS / FATAL / 2, "processes have died of it");
	loop_stop(loop);
	upstream_free(upstream);
	spf_free(spf);
	promises_free(promises);
	loop_free(loop);
	fake_dns_reset();
	close(spawner);
	log_to_stream(stderr);
	fclose(null);
	return done();
}
