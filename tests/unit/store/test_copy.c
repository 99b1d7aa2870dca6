/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_copy.c - what one node puts another one finds, without local parts; never more than
 * there may be; nonsense is nothing, and no Redis is counted.
 */
#include "config.h"

#include "store/copy.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "fakes/fake_redis.h"
#include "loop/loop.h"
#include "store/days.h"
#include "tap.h"

#define KEEP 14
#define LINE "ref=7F3K2Q9M verdict=refuse from=jane@sender.example to=bob@any.example ms=1"
#define BARE "ref=7F3K2Q9M verdict=refuse from=@sender.example to=@any.example ms=1"

static char host[] = "127.0.0.1";
static const struct redis_options options = {
    .host = host, .port = 6379, .connect_ms = 100, .command_ms = 100};
static struct loop *loop;
static char found[400];

static void
run_and_open(void *arg)
{
	struct event_flag *done = arg;

	event_flag_set(done);
}

/* Until the I/O thread has done what it was to do before. */
static void
pass_turn(void)
{
	struct event_flag done;

	event_flag_init(&done);
	loop_call(loop, run_and_open, &done);
	(void)event_flag_wait(loop, &done, clock_ms() + 10000);
	event_flag_destroy(&done);
}

static void
take(void *arg, const struct store_row *row)
{
	(void)arg;
	snprintf(found, sizeof(found), "%lld|%s|%s|%s|%s|%d", (long long)row->time,
	    row->policy != NULL ? row->policy : "-", row->conf != NULL ? row->conf : "-",
	    row->at != NULL ? row->at : "-", row->line, row->copied);
}

static void
put(struct store_copy *c, const char *ref, const char *line)
{
	store_copy_put(c,
	    &(struct store_row){.time = clock_wall(),
		.ref = ref,
		.line = line,
		.policy = "default",
		.conf = "c0ffee",
		.at = "/etc/r:42"});
	pass_turn();
}

static void
put_and_find(void)
{
	struct store_copy *one = store_copy_new(loop, &options, KEEP, 1 << 20);
	struct store_copy *other = store_copy_new(loop, &options, KEEP, 1 << 20);
	uint64_t copies = counter_get(COUNTER_STORE_COPIES);
	char want[400];
	uint32_t ttl = 0;
	int64_t now = clock_wall();

	put(one, "7F3K2Q9M", LINE);
	same_num((long long)(counter_get(COUNTER_STORE_COPIES) - copies), 1, "it is put");
	same_num(store_copy_find(other, "7f3k2q9m", take, NULL), STORE_COPY_FOUND,
	    "another node finds it");
	snprintf(
	    want, sizeof(want), "%lld|default|c0ffee|/etc/r:42|" BARE "|1", (long long)now);
	same_str(found, want, "as it was, without local parts");
	same_num(store_copy_find(other, "7F3K2Q9N", take, NULL), STORE_COPY_NONE,
	    "one that nobody has put");
	ok(fake_redis_peek("rg1:d:7F3K2Q9M", &ttl) != NULL && ttl > KEEP * 86400 - 60 &&
		ttl <= KEEP * 86400,
	    "it stays as long as days do: %u", (unsigned)ttl);
	ok(!fake_redis_saw("jane") && !fake_redis_saw("bob"), "nobody is named");
	for (int i = 0; i < 300; i++)
		store_copy_put(one, &(struct store_row){.ref = "7F3K2Q9P", .line = LINE});
	ok(store_copy_forget(other, "7F3K2Q9Q"), "one that is not there is forgotten");
	ok(store_copy_forget(one, "7F3K2Q9P"), "what is on its way is, too");
	same_num(store_copy_find(other, "7F3K2Q9P", take, NULL), STORE_COPY_NONE, "it is gone");
	fake_redis_set_mode(FAKE_REDIS_DOWN, 1);
	ok(!store_copy_forget(one, "7F3K2Q9M"), "no Redis: not forgotten");
	copies = counter_get(COUNTER_COPIES_REFUSED);
	put(one, "7F3K2Q9N", LINE);
	same_num(
	    (long long)(counter_get(COUNTER_COPIES_REFUSED) - copies), 1, "no Redis: counted");
	same_num(store_copy_find(other, "7F3K2Q9M", take, NULL), STORE_COPY_SILENT,
	    "and said to who looks for it");
	fake_redis_set_mode(FAKE_REDIS_UP, 1);
	store_copy_free(one);
	store_copy_free(other);
}

static void
nonsense(void)
{
	static const char *const rows[] = {"", "1", "1\n1800000000\nc0ffee\ndefault",
	    "2\n1800000000\nc0ffee\ndefault\n\n" BARE, "1\n-1\nc0ffee\ndefault\n\n" BARE,
	    "1\n1x\nc0ffee\ndefault\n\n" BARE, "1\n1800000000\nc0\001\ndefault\n\n" BARE,
	    "1\n1800000000\nc0ffee\ndefault\n/\xff:1\n" BARE,
	    "1\n1800000000\nc0ffee\ndef\xe4ult\n\n" BARE,
	    "1\n1800000000\nc0ffee\ndefault\n\nref=7F3K2Q9N verdict=pass",
	    "1\n1800000000\nc0ffee\ndefault\n\nref=7F3K2Q9M", "1\n1\nc\nd\n\n" BARE "\nmore"};
	struct store_copy *c = store_copy_new(loop, &options, KEEP, 1 << 20);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t garbage = counter_get(COUNTER_REDIS_GARBAGE);
		char label[32];

		snprintf(label, sizeof(label), "nonsense %zu", i);
		pass_turn();
		fake_redis_put("rg1:d:7F3K2Q9M", rows[i], 60);
		same_num(store_copy_find(c, "7F3K2Q9M", take, NULL), STORE_COPY_NONE, label);
		same_num((long long)(counter_get(COUNTER_REDIS_GARBAGE) - garbage), 1, label);
	}
	fake_redis_put("rg1:d:7F3K2Q9M", "1\n1800000000\n\n\n\n" BARE, 60);
	same_num(store_copy_find(c, "7F3K2Q9M", take, NULL), STORE_COPY_FOUND,
	    "no policy, no checksum");
	same_str(found, "1800000000|-|-|-|" BARE "|1", "is none");
	store_copy_free(c);
}

static void
bounded(void)
{
	struct store_copy *c = store_copy_new(loop, &options, KEEP, 1000);
	uint64_t copies = counter_get(COUNTER_STORE_COPIES);
	uint64_t refused = counter_get(COUNTER_COPIES_REFUSED);
	int today = days_of(clock_wall());

	for (int i = 0; i < 5; i++)
		put(c, "7F3K2Q9M", LINE);
	same_num((long long)(counter_get(COUNTER_STORE_COPIES) - copies), 3, "as many as may");
	same_num((long long)(counter_get(COUNTER_COPIES_REFUSED) - refused), 2,
	    "the rest is counted");
	ok(store_copy_used(c, today) > 600 && store_copy_used(c, today) <= 1000,
	    "what they take is known");
	store_copy_free(c);
	c = store_copy_new(loop, &options, KEEP, 1000);
	store_copy_remember(c, days_of(clock_wall() - (KEEP + 1) * 86400), 1000);
	put(c, "7F3K2Q9M", LINE);
	same_num((long long)(counter_get(COUNTER_STORE_COPIES) - copies), 4,
	    "what has expired takes none");
	store_copy_remember(c, days_of(clock_wall() - KEEP * 86400), 1000);
	put(c, "7F3K2Q9M", LINE);
	same_num((long long)(counter_get(COUNTER_COPIES_REFUSED) - refused), 3,
	    "what was put before the start does");
	store_copy_free(c);
}

int
main(void)
{
	loop = loop_new();
	if (loop == NULL || !loop_start(loop))
		return 1;
	fake_redis_reset();
	put_and_find();
	nonsense();
	bounded();
	loop_stop(loop);
	loop_free(loop);
	return done();
}
