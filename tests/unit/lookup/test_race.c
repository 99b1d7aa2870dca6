/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_race.c - many sessions on many threads, over few addresses, while the
 * configuration changes under them: on the real loop, with a DNS and a Redis
 * made of its timers.  What it is for shows under a thread sanitizer.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "daemon/services.h"
#include "fakes/fake_dns.h"
#include "loop/loop.h"
#include "session/session.h"
#include "tap.h"

#define THREADS 16
#define SESSIONS 2000
#define ADDRESSES 50
#define GENERATIONS 8 /* of the configuration, each with lists that nobody has asked yet */
#define SECONDS_MAX 600

/* What lists say of an address, by its number modulo KINDS. */
enum kind { KIND_LISTED, KIND_CLEAR, KIND_ERROR, KIND_FAILED, KIND_WEAK, KINDS };

static struct daemon_services services;
static atomic_uint begun, judged, wrong_verdicts, wrong_pairs, wrong_replies;

/* Redis every other time; flip.example refuses every other time. */
static void
write_conf(FILE *out, int generation)
{
	bool even = generation % 2 == 0;

	fprintf(out,
	    "%s\n"
	    "health { interval = \"0s\" proof = false } limits { network4 = 0 network6 = 0 }\n"
	    "list \"zen%d\" { zone = \"zen%d.example\" ipv6 = true\n"
	    "answer \"127.0.0.2\" { category = \"spam-source\" score = 5 } }\n"
	    "list \"weak%d\" { zone = \"weak%d.example\" ipv6 = true\n"
	    "answer \"127.0.0.3\" { category = \"snowshoe\" score = 2 } }\n"
	    "policy \"default\" { lists = { \"zen%d\", \"weak%d\" } refuse = 5 defer = 2\n"
	    "doubt = \"refuse\" }\n"
	    "policy \"flip.example\" { lists = { \"weak%d\", \"zen%d\" } refuse = %d\n"
	    "doubt = \"refuse\" }\n",
	    even ? "cache { redis = \"redis://127.0.0.1:6379/0\" }" : "", generation,
	    generation, generation, generation, generation, generation, generation, generation,
	    even ? 5 : 0);
}

static struct conf *
load(int generation)
{
	char path[] = "/tmp/test_race.XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	struct conf *conf;

	if (out == NULL)
		abort();
	write_conf(out, generation);
	fclose(out);
	conf = conf_load(NULL, path, stderr);
	unlink(path);
	if (conf == NULL)
		abort();
	return conf;
}

static void
install(struct conf *conf)
{
	daemon_services_use(&services, conf);
}

/* Every fifth client comes over IPv6. */
static struct ipaddr
address_of(unsigned i)
{
	struct ipaddr addr;
	char text[IPADDR_STRLEN];

	snprintf(text, sizeof(text), i / KINDS % 5 == 0 ? "2001:db8::%u" : "198.51.100.%u", i);
	if (!ipaddr_parse(&addr, text))
		abort();
	return addr;
}

static void
teach(const char *list, int generation, unsigned i, const struct dns_reply *reply)
{
	struct ipaddr addr = address_of(i);
	char labels[IPADDR_LABELS], name[256];

	ipaddr_reverse(&addr, labels);
	snprintf(name, sizeof(name), "%s.%s%d.example", labels, list, generation);
	if (!fake_dns_teach(name, NULL, reply, i % 7))
		abort();
}

static void
teach_all(void)
{
	static const struct dns_reply zen[KINDS] = {
	    [KIND_LISTED] = {.status = DNS_FOUND, .ttl = 300, .n = 1, .address = {0x7f000002}},
	    [KIND_CLEAR] = {.status = DNS_ABSENT, .ttl = 300},
	    [KIND_ERROR] = {.status = DNS_FOUND, .ttl = 300, .n = 1, .address = {0x7ffffffe}},
	    [KIND_FAILED] = {.status = DNS_FAILED},
	    [KIND_WEAK] = {.status = DNS_ABSENT, .ttl = 300},
	};
	static const struct dns_reply weak = {
	    .status = DNS_FOUND, .ttl = 300, .n = 1, .address = {0x7f000003}};

	for (int generation = 0; generation < GENERATIONS; generation++)
		for (unsigned i = 0; i < ADDRESSES; i++) {
			teach("zen", generation, i, &zen[i % KINDS]);
			if (i % KINDS == KIND_WEAK)
				teach("weak", generation, i, &weak);
		}
}

static enum action
expected(unsigned i)
{
	switch ((enum kind)(i % KINDS)) {
	case KIND_LISTED:
		return ACTION_REFUSE;
	case KIND_WEAK:
		return ACTION_DEFER;
	case KIND_CLEAR:
	case KIND_ERROR:
	case KIND_FAILED:
	case KINDS:
		break;
	}
	return ACTION_PASS;
}

/* The code of a reply goes with the action. */
static void
check_reply(enum action action, const struct reply *reply)
{
	if (action == ACTION_PASS)
		return;
	if (reply->n < 2 || reply->code[0] != (action == ACTION_REFUSE ? '5' : '4'))
		atomic_fetch_add(&wrong_replies, 1);
}

static enum action
ask(struct session *s, const char *typed, struct reply *reply)
{
	struct envelope_path to = {.typed = typed};

	return session_rcpt(s, &to, reply);
}

static void
judge(struct session *s, unsigned i)
{
	struct reply reply;
	enum action first = ask(s, "<a@flip.example>", &reply), action, second;

	action = ask(s, "<bob@b.example>", &reply);
	check_reply(action, &reply);
	if (action != expected(i))
		atomic_fetch_add(&wrong_verdicts, 1);
	/* Whatever has been installed meanwhile, a session has one rule. */
	second = ask(s, "<b@flip.example>", &reply);
	check_reply(second, &reply);
	if (first != second || (second != ACTION_PASS && i % KINDS != KIND_LISTED))
		atomic_fetch_add(&wrong_pairs, 1);
	atomic_fetch_add(&judged, 1);
}

static void
run_session(unsigned number)
{
	unsigned i = number * 7 % ADDRESSES;
	struct ipaddr addr = address_of(i);
	struct session *s = session_new(&services.sessions, &addr, "mail.example", false);
	struct envelope_path from = {.typed = "<a@b.example>"};

	if (s == NULL)
		abort();
	session_helo(s, "mail.example");
	/* Every ninth client leaves before it is judged. */
	if (number % 9 != 0) {
		session_mail(s, &from, NULL);
		judge(s, i);
		session_abort(s);
	}
	session_close(s);
}

static void *
run_sessions(void *arg)
{
	unsigned number;

	(void)arg;
	while ((number = atomic_fetch_add(&begun, 1)) < SESSIONS)
		run_session(number);
	return NULL;
}

/* Change the configuration, each time a part of the sessions has begun. */
static void
change(void)
{
	for (int generation = 1; generation < GENERATIONS; generation++) {
		struct conf *conf = load(generation);

		while (atomic_load(&begun) < (unsigned)generation * SESSIONS / GENERATIONS)
			usleep(200);
		install(conf);
	}
}

static void
run(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, run_sessions, NULL) != 0)
			abort();
	change();
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

int
main(void)
{
	struct conf *conf = load(0);
	FILE *null = fopen("/dev/null", "w");

	alarm(SECONDS_MAX);
	if (null == NULL)
		abort();
	log_to_stream(null);
	teach_all();
	if (!daemon_services_build(&services, conf, -1) || !loop_start(services.loop))
		abort();
	install(conf);
	run();
	same_num(atomic_load(&judged), SESSIONS - (SESSIONS + 8) / 9, "sessions judged");
	same_num(atomic_load(&wrong_verdicts), 0, "verdicts that are wrong");
	same_num(atomic_load(&wrong_pairs), 0, "sessions with two rules");
	same_num(atomic_load(&wrong_replies), 0, "replies that do not go with the verdict");
	same_num(session_count(), 0, "sessions left open");
	loop_stop(services.loop);
	/* Not exactly once: one that has just been forgotten by all may be asked about again. */
	ok(fake_dns_asked("*.zen0.example") <= 2 * ADDRESSES,
	    "few questions for many sessions");
	conf_install(NULL);
	daemon_services_free(&services);
	fake_dns_reset();
	log_to_stream(stderr);
	fclose(null);
	return done();
}
