/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_services.c - the daemon of fuzz_milter.c: set up and taken down as
 * relayguard(8) does it, once for each input, on the fakes.
 */
#include "config.h"

#include "fuzz/fuzz_services.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "daemon/services.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_entropy.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "fuzz/fuzz.h"
#include "loop/loop.h"
#include "redis/sharedcache.h"
#include "redis/sharedvalue.h"
#include "session/mlfi.h"
#include "session/session.h"

#define START_MS 1000000
#define START_WALL 1766300000
#define CONFS (sizeof(texts) / sizeof(texts[0]))

#define LISTS                                                                         \
	"list \"ours\" { zone = \"bl.example\" removal = \"https://x.example/%{ip}\"" \
	" answer \"127.0.0.2\" { category = \"open-relay\" score = 5 }"               \
	" answer \"127.0.0.4-7\" { category = \"exploited\" score = 4 } }\n"          \
	"list \"other\" { zone = \"other.example\" ipv6 = true"                       \
	" answer \"127.0.0.2\" { category = \"spam-source\" score = 3 text = \"100%\\n%{ref}\" } }\n"
/* What a network has asked is remembered longer than a run. */
#define RULES                                                          \
	"limits { network4 = 0 network6 = 0 }\n"                       \
	"allow { networks = { \"198.51.100.64/28\" } }\n"              \
	"deny { networks = { \"203.0.113.0/24\", \"2001:db8::dead\" }" \
	" removal = \"https://x.example/?a=%{ip}&b=%20\" }\n"

/*
 * One with Redis, one that tells more, one without lists, one that only
 * watches, one that believes lists without proof.
 */
static const char *const texts[] = {
    "deadline = \"2s\"\ncache { redis = \"redis://127.0.0.1:6379/0\" memory = \"1M\" }\n" LISTS
	RULES "policy \"default\" { lists = { \"ours\", \"other*2\" } refuse = 5 }\n"
    "policy \"strict.example\" { lists = { \"ours\", \"other\" } refuse = 3 defer = 1 }\n",

    "deadline = \"500ms\"\nhealth { interval = \"30s\" failures = 1 passes = 1 }\n" LISTS RULES
    "list \"white\" { zone = \"white.example\" ipv6 = true"
    " answer \"127.0.0.2\" { category = \"allow\" score = -5 } }\n"
    "list \"six\" { zone = \"six.example\" ipv4 = false ipv6 = true"
    " answer \"127.0.0.2\" { category = \"dynamic\" score = 9 } }\n"
    "policy \"default\" { lists = { \"ours\", \"other\", \"white\", \"six\" } refuse = 5"
    " defer = 2 exempt = { \"postmaster\" } }\n"
    "policy \".example.com\" { lists = { \"ours\" } refuse = 1 text = \"no %{ip}\" }\n",

    "policy \"default\" { refuse = 5 }\n" RULES,

    "mode = \"shadow\"\n" LISTS RULES
    "policy \"default\" { lists = { \"ours\", \"other\" } refuse = 1 }\n",

    "health { interval = \"0s\" proof = false }\n" LISTS RULES
    "policy \"default\" { lists = { \"ours\", \"other\" } refuse = 1 doubt = \"refuse\" }\n"
    "policy \"strict.example\" { lists = { \"ours\" } refuse = 1 doubt = \"pass\" }\n",
};

static struct {
	struct conf *conf[CONFS]; /* read once, kept until the end */
	struct daemon_services services;
	struct paper log;
	bool unproven; /* a configuration was used that wants no proof of a listing */
} w;

static void
read_confs(void)
{
	for (size_t i = 0; i < CONFS; i++) {
		const char *path = fuzz_file("milter.conf", texts[i], strlen(texts[i]));

		w.conf[i] = conf_load(NULL, path, stderr);
		MUST(w.conf[i] != NULL);
	}
}

/* What is known of lists as long as we run is known for one input only. */
static void
forget_standings(void)
{
	for (size_t i = 0; i < CONFS; i++)
		for (unsigned k = 0; k < w.conf[i]->roster->n; k++)
			atomic_store(w.conf[i]->roster->list[k]->state, LIST_NEW);
}

/* Every list has its test entries (RFC 5782, 5), until an input says something else. */
static void
teach_test_entries(void)
{
	static const char *const zones[] = {FUZZ_ZONES};
	static const struct ipaddr entries[] = {
	    {.bits = 32, .byte = {127, 0, 0, 2}},
	    {.bits = 128, .byte = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 2}},
	};
	static const struct dns_reply listed = {
	    .status = DNS_FOUND, .ttl = 300, .n = 1, .address = {0x7f000002}};
	char name[128], labels[IPADDR_LABELS];

	for (size_t i = 0; i < 2 * sizeof(zones) / sizeof(zones[0]); i++) {
		ipaddr_reverse(&entries[i % 2], labels);
		snprintf(name, sizeof(name), "%s.%s", labels, zones[i / 2]);
		MUST(fake_dns_teach(name, NULL, &listed, 1));
	}
}

static void
configure(struct conf *conf)
{
	w.unproven |= !conf->health.confirmation;
	daemon_services_use(&w.services, conf_ref(conf));
}

void
fuzz_services_open(uint8_t which)
{
	clock_freeze(START_MS, START_WALL);
	fake_entropy_seed(0);
	if (w.conf[0] == NULL)
		read_confs();
	forget_standings();
	teach_test_entries();
	w.unproven = false;
	paper_open(&w.log);
	log_to_stream(w.log.stream);
	memset(&w.services, 0, sizeof(w.services));
	MUST(daemon_services_build(&w.services, w.conf[0], -1));
	loop_start(w.services.loop);
	configure(w.conf[which % CONFS]);
	fake_loop_turn(w.services.loop);
	MUST(mlfi_open("unix:/nowhere", &w.services.sessions));
}

void
fuzz_services_reload(uint8_t which)
{
	configure(w.conf[which % CONFS]);
}

struct session_shared *
fuzz_services_sessions(void)
{
	return &w.services.sessions;
}

void
fuzz_services_pass(int64_t ms)
{
	fake_loop_pass(w.services.loop, ms);
}

void
fuzz_services_hurry(void)
{
	session_stop_all(&w.services.sessions);
}

bool
fuzz_services_wants_confirmation(void)
{
	return !w.unproven;
}

void
fuzz_services_close(void)
{
	loop_stop(w.services.loop);
	conf_install(NULL);
	daemon_services_free(&w.services);
	fake_dns_reset();
	fake_redis_reset();
	log_to_stream(stderr);
	paper_read(&w.log);
	fuzz_check_log(w.log.text);
	paper_close(&w.log);
}

static const struct listing *
list_of(const char *zone)
{
	for (size_t i = 0; i < CONFS; i++)
		for (unsigned k = 0; k < w.conf[i]->roster->n; k++)
			if (strcmp(w.conf[i]->roster->list[k]->zone, zone) == 0)
				return w.conf[i]->roster->list[k];
	return NULL;
}

bool
fuzz_services_declares(uint32_t code)
{
	return code == 0x7f000002 || (code >= 0x7f000004 && code <= 0x7f000007);
}

bool
fuzz_services_denies(const struct ipaddr *ip)
{
	struct prefix_match match;

	return prefix_find(w.conf[0]->deny.set, ip, &match);
}

bool
fuzz_services_store(const struct ipaddr *ip, const char *zone, const char *text, uint32_t ttl)
{
	const struct subject subject = subject_address(ip);
	const struct listing *list = zone != NULL ? list_of(zone) : NULL;
	char key[SHARED_CACHE_KEY_MAX], value[REDIS_VALUE_MAX];
	struct strbuf sb;

	strbuf_init(&sb, value, sizeof(value));
	if (list != NULL) {
		strbuf_add(&sb, SHAREDVALUE_VERSION);
		sharedvalue_add(
		    &sb, sharedvalue_list(list), &(struct fact){.state = FACT_CLEAR}, 0);
		sb.len -= strlen("000"); /* but for what it says */
	}
	strbuf_add(&sb, text);
	shared_cache_key(&subject, key);
	return fake_redis_put(key, value, ttl);
}
