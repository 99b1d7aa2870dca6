/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_sentinel.c - three Sentinels that say what a row of a table has them say,
 * and whether the client then uses the master that most of them name.
 */
#include "config.h"

#include "redis/sentinel.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "fakes/redis_user.h"
#include "fakes/redisd.h"
#include "redis/redis.h"
#include "tap.h"

#define LONG 10000 /* milliseconds of patience */

static struct redisd *watcher[3], *one, *other;

static const char key[] = "rg1:{198.51.100.7}:a";

#define ONE "one"
#define OTHER "other"
#define MASTER "*3\r\n$6\r\nmaster\r\n:0\r\n*1\r\n*3\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\n0\r\n"
#define SLAVE "*5\r\n$5\r\nslave\r\n$1\r\na\r\n:1\r\n$9\r\nconnected\r\n:0\r\n"

static const struct {
	const char *label;
	const char *said[3]; /* by each, or ONE or OTHER */
	const char *role;    /* of the one */
	const char *value;   /* that is found; NULL: none */
	const char *log;     /* what is in it, once */
} rows[] = {
    {"all name one", {ONE, ONE, ONE}, MASTER, "one", "redis-master"},
    {"most name one", {OTHER, ONE, ONE}, MASTER, "one", "redis-master"},
    {"most name the other", {OTHER, ONE, OTHER}, MASTER, "other", "redis-master"},
    {"one alone says anything", {"*-1\r\n", "*-1\r\n", ONE}, MASTER, "one", "redis-master"},
    {"nobody knows", {"*-1\r\n", "*-1\r\n", "*-1\r\n"}, MASTER, NULL,
	"reason=no-sentinel-names-a-master"},
    {"all refuse", {"-ERR x\r\n", "-NOPERM x\r\n", "-NOPERM x\r\n"}, MASTER, NULL,
	"command=SENTINEL error=NOPERM"},
    {"a name", {"*2\r\n$7\r\nexample\r\n$4\r\n6379\r\n", ONE, ONE}, MASTER, "one",
	"SENTINEL-named-no-address"},
    {"an empty host", {"*2\r\n$0\r\n\r\n$4\r\n6379\r\n", ONE, ONE}, MASTER, "one",
	"SENTINEL-named-no-address"},
    {"a port that is none", {"*2\r\n$9\r\n127.0.0.1\r\n$5\r\n65536\r\n", ONE, ONE}, MASTER,
	"one", "SENTINEL-named-no-address"},
    {"a port as a number", {"*2\r\n$9\r\n127.0.0.1\r\n:6379\r\n", ONE, ONE}, MASTER, "one",
	"SENTINEL-named-no-address"},
    {"one word", {"*1\r\n$9\r\n127.0.0.1\r\n", ONE, ONE}, MASTER, "one",
	"SENTINEL-named-no-address"},
    {"three words", {"*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n", ONE, ONE}, MASTER, "one",
	"it-answered-nonsense"},
    {"a number", {":1\r\n", ONE, ONE}, MASTER, "one", "SENTINEL-named-no-address"},
    {"it is no master", {ONE, ONE, ONE}, SLAVE, NULL, "reason=it-is-no-master"},
    {"its role is nonsense", {ONE, ONE, ONE}, "+master\r\n", NULL,
	"reason=ROLE-answered-nonsense"},
    {"its role is no word", {ONE, ONE, ONE}, "*1\r\n:1\r\n", NULL,
	"reason=ROLE-answered-nonsense"},
    {"its role is secret", {ONE, ONE, ONE}, "-NOPERM x\r\n", NULL,
	"reason=ROLE-answered-NOPERM"},
};

static const char *
address_of(char *out, size_t size, const struct redisd *d)
{
	char port[8];

	(void)snprintf(port, sizeof(port), "%u", redisd_port(d));
	(void)snprintf(
	    out, size, "*2\r\n$9\r\n127.0.0.1\r\n$%zu\r\n%s\r\n", strlen(port), port);
	return out;
}

static void
let_say(struct redisd *d, const char *text)
{
	static char of_one[64], of_other[64];

	/* Once: the server may be reading it. */
	if (of_one[0] == '\0') {
		address_of(of_one, sizeof(of_one), one);
		address_of(of_other, sizeof(of_other), other);
	}
	if (strcmp(text, ONE) == 0)
		text = of_one;
	else if (strcmp(text, OTHER) == 0)
		text = of_other;
	redisd_say(d, "SENTINEL", text);
}

static struct client
open_service(void)
{
	struct redis_options options = {.kind = REDIS_SENTINEL, .service = strdup("mymaster")};
	char text[32], why[64];

	for (unsigned i = 0; i < 3; i++) {
		(void)snprintf(text, sizeof(text), "127.0.0.1:%u", redisd_port(watcher[i]));
		if (!redis_options_seed(&options, text, why, sizeof(why)))
			abort();
	}
	return user_open_at(&options, LONG);
}

static bool
wait_a_little(void)
{
	(void)usleep(10000);
	return true;
}

static void
test_row(size_t i)
{
	const char *keys[] = {key};
	static struct question q;
	struct client c;
	bool found = false;

	user_new_log();
	for (unsigned k = 0; k < 3; k++)
		let_say(watcher[k], rows[i].said[k]);
	redisd_say(one, "ROLE", rows[i].role);
	c = open_service();
	ok(user_wait_logged(rows[i].log, 1), "%s: the log", rows[i].label);
	for (unsigned k = 0; k < 500 && rows[i].value != NULL && !found; k++)
		found =
		    user_wait_logged("redis-master", 1) && user_holds(&c, key, rows[i].value);
	same_num(found, rows[i].value != NULL, rows[i].label);
	ok(user_ask(&c, 1, keys, &q), "%s: answered once", rows[i].label);
	same_num(user_logged(rows[i].log), 1, rows[i].label);
	user_close(&c);
}

/* The master goes and another one is named; then it says that it is none any more. */
static void
test_change(void)
{
	struct client c;
	bool found = false;

	user_new_log();
	redisd_say(one, "ROLE", MASTER);
	for (unsigned k = 0; k < 3; k++)
		let_say(watcher[k], ONE);
	c = open_service();
	for (unsigned k = 0; k < 500 && !found; k++)
		found = wait_a_little() && user_holds(&c, key, "one");
	ok(found, "change: the first one");
	for (unsigned k = 0; k < 3; k++)
		let_say(watcher[k], OTHER);
	redisd_behave(one, REDISD_REFUSE, false);
	ok(user_wait_logged("redis-master", 2), "change: the next one");
	for (unsigned k = 0; k < 500 && !user_holds(&c, key, "other"); k++)
		(void)wait_a_little();
	ok(user_holds(&c, key, "other"), "change: and it is used");
	same_num(user_logged("redis-down"), 1, "change: one line for the one that went");
	redisd_behave(one, REDISD_WORK, false);
	for (unsigned k = 0; k < 3; k++)
		let_say(watcher[k], ONE);
	redisd_behave(other, REDISD_READONLY, false);
	user_put(&c, key, "new", 60);
	ok(user_wait_logged("reason=it-is-no-master-any-more", 1), "change: it is demoted");
	ok(user_wait_logged("redis-master", 3), "change: back to the first");
	user_close(&c);
	redisd_behave(other, REDISD_WORK, false);
}

int
main(void)
{
	bool good = true;

	signal(SIGPIPE, SIG_IGN);
	user_start();
	one = redisd_start(NULL);
	other = redisd_start(NULL);
	for (unsigned i = 0; i < 3; i++)
		good &= (watcher[i] = redisd_start(NULL)) != NULL;
	if (ok(good && one != NULL && other != NULL, "five servers")) {
		redisd_say(other, "ROLE", MASTER);
		redisd_put(one, 0, key, "one", 3);
		redisd_put(other, 0, key, "other", 5);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			test_row(i);
		test_change();
	}
	for (unsigned i = 0; i < 3; i++)
		redisd_stop(watcher[i]);
	redisd_stop(one);
	redisd_stop(other);
	user_stop();
	return done();
}
