/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spfpool.c - how many processes there are, and when new ones are started:
 * played ones, on the frozen clock.
 */
#include "config.h"

#include "spf/pool.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_spflink.h"
#include "loop/loop.h"

#include "tap.h"

#define HANDS 8

static struct loop *loop;
static struct spfpool *pool;
static unsigned heard, died, ready;

static void
on_heard(void *request, const struct spf_message *message)
{
	(void)request;
	(void)message;
	heard++;
}

static void
on_died(void *request)
{
	struct spf_worker **worker = request;

	*worker = NULL;
	died++;
}

static void
on_ready(void *arg)
{
	(void)arg;
	ready++;
}

static enum fake_words
play_worker(unsigned number, const struct spf_message *says_to, struct spf_message *says)
{
	(void)number;
	(void)says_to;
	says->as.outcome = (struct spf_outcome){SPF_PASS, ""};
	return FAKE_SAYS;
}

static enum fake_words
mortal(unsigned number, const struct spf_message *says_to, struct spf_message *says)
{
	(void)number;
	(void)says_to;
	(void)says;
	return FAKE_DIES;
}

static void
open_pool(unsigned max)
{
	static const struct spfpool_user user = {on_heard, on_died, on_ready, NULL};

	fake_spflink_play(play_worker);
	pool = spfpool_new(loop, 0, &user);
	spfpool_resize(pool, max);
	fake_loop_turn(loop);
	heard = died = ready = 0;
}

static void
close_pool(void)
{
	spfpool_free(pool);
	fake_spflink_reset();
}

static bool
say(struct spf_worker *worker)
{
	struct spf_message message = {.verb = SPF_CHECK, .number = 1};

	message.as.check = (struct spf_check){.helo = "", .sender = "", .receiver = "r"};
	ipaddr_parse(&message.as.check.client, "198.51.100.7");
	return spfpool_send(worker, &message);
}

/* Started when wanted, used again, and only the last stays when nothing is to do. */
static void
test_use(void)
{
	struct spf_worker *worker[HANDS];

	open_pool(3);
	same_num(fake_spflink_started(), 0, "none is started before it is wanted");
	for (int i = 0; i < 4; i++)
		worker[i] = spfpool_take(pool, &worker[i]);
	ok(worker[2] != NULL && worker[3] == NULL, "no more than allowed");
	ok(say(worker[0]), "one is spoken to");
	fake_loop_turn(loop);
	same_num(heard, 1, "and answers");
	for (int i = 0; i < 3; i++)
		spfpool_give(worker[i]);
	worker[0] = spfpool_take(pool, &worker[0]);
	same_num(fake_spflink_started(), 3, "one that is free is used again");
	fake_loop_pass(loop, 50000);
	spfpool_give(worker[0]);
	same_num(fake_spflink_alive(), 3, "they stay for a while");
	fake_loop_pass(loop, 50000);
	same_num(fake_spflink_alive(), 1, "then the one that was used last");
	fake_loop_pass(loop, 500000);
	same_num(fake_spflink_alive(), 1, "which stays");
	same_num(died, 0, "nobody has died");
	close_pool();
}

static void
test_resize(void)
{
	struct spf_worker *worker[4];

	open_pool(4);
	for (int i = 0; i < 4; i++)
		worker[i] = spfpool_take(pool, &worker[i]);
	spfpool_give(worker[0]);
	spfpool_resize(pool, 2);
	same_num(fake_spflink_alive(), 3, "one too many that is free ends at once");
	spfpool_give(worker[1]);
	same_num(fake_spflink_alive(), 2, "one that is not when it is");
	spfpool_resize(pool, 3);
	fake_loop_turn(loop);
	ok(ready > 0, "more: that is told");
	worker[0] = spfpool_take(pool, &worker[0]);
	ok(worker[0] != NULL, "and there is one more");
	for (int i = 0; i < 4; i++)
		if (i != 1)
			spfpool_give(worker[i]);
	close_pool();
}

static void
test_deaths(void)
{
	uint64_t deaths = counter_get(COUNTER_SPF_DEATHS);
	struct spf_worker *worker, *idle;

	open_pool(2);
	worker = spfpool_take(pool, &worker);
	fake_spflink_kill(0);
	fake_loop_turn(loop);
	ok(worker == NULL && died == 1, "who has taken it is told");
	ok(ready > 0, "and all, that there is room");
	worker = spfpool_take(pool, &worker);
	spfpool_give(worker);
	fake_spflink_kill(1);
	fake_loop_turn(loop);
	same_num(died, 1, "one that is free is nobody's loss");
	worker = spfpool_take(pool, &worker);
	fake_spflink_kill(2);
	ok(!say(worker), "one that is dead does not listen");
	worker = spfpool_take(pool, &worker);
	spfpool_drop(worker, "test");
	same_num(fake_spflink_alive(), 0, "one that is dropped is gone");
	same_num((long long)(counter_get(COUNTER_SPF_DEATHS) - deaths), 3,
	    "all but the free one are counted");
	fake_spflink_play(play_worker);
	worker = spfpool_take(pool, &worker);
	idle = spfpool_take(pool, &idle);
	ok(say(worker), "a word");
	spfpool_give(worker); /* before the answer: it comes when nobody has asked */
	fake_loop_turn(loop);
	same_num(fake_spflink_alive(), 1, "one that speaks unasked is ended");
	spfpool_give(idle);
	close_pool();
}

/* After a thousand checks, or ten minutes, another one does the next, whatever it thinks. */
static void
test_worn(void)
{
	uint64_t deaths = counter_get(COUNTER_SPF_DEATHS);
	struct spf_worker *worker, *idle;

	open_pool(2);
	for (int i = 0; i < 1000; i++) {
		worker = spfpool_take(pool, &worker);
		spfpool_give(worker);
	}
	same_num(fake_spflink_started(), 1, "a thousand by one");
	same_num(fake_spflink_alive(), 0, "which is ended");
	worker = spfpool_take(pool, &worker);
	same_num(fake_spflink_started(), 2, "the next by another");
	idle = spfpool_take(pool, &idle);
	spfpool_give(idle);
	fake_loop_pass(loop, 600000);
	same_num(fake_spflink_alive(), 1, "nobody is ended at work");
	spfpool_give(worker);
	same_num(fake_spflink_alive(), 0, "but when it has worked for ten minutes");
	worker = spfpool_take(pool, &worker);
	spfpool_give(worker);
	fake_loop_pass(loop, 599999);
	worker = spfpool_take(pool, &worker);
	same_num(fake_spflink_started(), 4, "a younger one goes on");
	fake_loop_pass(loop, 0);
	spfpool_give(worker);
	fake_loop_pass(loop, 1);
	worker = spfpool_take(pool, &worker);
	same_num(fake_spflink_started(), 5, "one that has been idle so long is not taken");
	same_num(fake_spflink_alive(), 1, "nor kept");
	spfpool_give(worker);
	same_num(died, 0, "nobody has died of it");
	ok(counter_get(COUNTER_SPF_DEATHS) == deaths, "nor is it counted as death");
	close_pool();
}

/* No more than 128 in a second, if they die, or if they are wanted. */
static void
test_pace(void)
{
	struct spf_worker *worker[160];
	unsigned n = 0;

	open_pool(160);
	fake_loop_pass(loop, 5000);
	for (int i = 0; i < 160; i++)
		n += (worker[i] = spfpool_take(pool, &worker[i])) != NULL;
	same_num(n, 128, "128 at once");
	ready = 0;
	fake_loop_pass(loop, 999);
	same_num(ready, 0, "no more in this second");
	fake_loop_pass(loop, 1);
	ok(ready == 1, "and others in the next");
	for (int i = 128; i < 160; i++)
		n += (worker[i] = spfpool_take(pool, &worker[i])) != NULL;
	same_num(n, 160, "all of them");
	for (int i = 0; i < 160; i++)
		spfpool_give(worker[i]);
	close_pool();
}

/* Ten deaths in a row: a pause of a second, said once, until one has worked. */
static void
test_rest(void)
{
	uint64_t dead;
	struct spf_worker *worker;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	log_to_stream(out);
	open_pool(2);
	fake_spflink_play(mortal);
	fake_loop_pass(loop, 70000);
	for (int i = 0; i < 10; i++) {
		ok(!spfpool_is_broken(pool), "death %d: not yet", i);
		worker = spfpool_take(pool, &worker);
		if (worker != NULL && say(worker))
			fake_loop_turn(loop);
	}
	ok(spfpool_is_broken(pool), "ten: broken");
	ok(spfpool_take(pool, &worker) == NULL, "none to be had");
	ready = 0;
	fake_loop_pass(loop, 1000);
	ok(ready > 0 && !spfpool_is_broken(pool), "a second later there may be");
	worker = spfpool_take(pool, &worker);
	ok(worker != NULL && say(worker), "one more");
	fake_loop_turn(loop);
	ok(spfpool_is_broken(pool), "which dies: broken again");
	fake_loop_pass(loop, 1000);
	fake_spflink_refuse(true);
	ok(spfpool_take(pool, &worker) == NULL && spfpool_is_broken(pool),
	    "none can be started");
	fake_spflink_refuse(false);
	fake_spflink_play(play_worker);
	fake_loop_pass(loop, 1000);
	worker = spfpool_take(pool, &worker);
	ok(worker != NULL && say(worker), "one that lives");
	spfpool_give(worker);
	dead = counter_get(COUNTER_SPF_DEATHS);
	fake_spflink_kill(11);
	fake_loop_turn(loop);
	ok(!spfpool_is_broken(pool), "all is forgotten");
	ok(counter_get(COUNTER_SPF_DEATHS) == dead, "an idle one that ends has not died");
	fflush(out);
	ok(strstr(text, "event=spf-workers-fail") != NULL &&
		strstr(strstr(text, "event=spf-workers-fail") + 1, "event=spf-workers-fail") ==
		    NULL,
	    "said once");
	ok(strstr(text, "event=spf-workers-work") != NULL, "and that it is over");
	ok(strstr(text, "event=spf-worker-died why=it-has-ended count=") != NULL,
	    "deaths are said");
	close_pool();
	log_to_stream(stderr);
	fclose(out);
	free(text);
}

int
main(void)
{
	clock_freeze(1000000, 1766300000);
	loop = loop_new();
	test_use();
	test_resize();
	test_deaths();
	test_worn();
	test_pace();
	test_rest();
	loop_free(loop);
	return done();
}
