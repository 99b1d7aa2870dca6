/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_milter.c - a program of callbacks, in any order, on several connections
 * at once, with DNS and Redis that answer anything at any time, and reloads in
 * between.  Real code from libmilter's callbacks down, on the fakes: nobody is
 * refused without a listing, longer than the deadline, or in a garbled reply.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/ipaddr.h"
#include "conf/conf.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_mfapi.h"
#include "fakes/fake_mta.h"
#include "fakes/fake_redis.h"
#include "fuzz/fuzz.h"
#include "fuzz/fuzz_services.h"
#include "session/session.h"

#define STEPS_MAX 300
#define CONTEXTS 4
#define TEXT_MAX 400
#define REDIS_ENTRIES 64
#define PASS_MAX (INT64_C(3600) * 1000) /* of an input, in milliseconds */

/* Those who connect; some have no address that a list could hold. */
enum who { WHO_NOBODY, WHO_UNIX, WHO_ODD, WHO_FIRST_CLIENT };

static const char *const clients[] = {"198.51.100.7", "198.51.100.8", "203.0.113.9" /* deny */,
    "198.51.100.77" /* allow */, "2001:db8::1", "2001:db8::dead" /* deny */,
    "::ffff:198.51.100.7", "0.0.0.0", "192.0.2.1",
    /* These do not connect: lists have entries for them, or should not. */
    "127.0.0.2", "127.0.0.1"};

#define CLIENTS (sizeof(clients) / sizeof(clients[0]))
#define CLIENT_ALLOWED 3
#define CONNECTING (CLIENTS - 2)

static const char *const zones[] = {FUZZ_ZONES};

#define ZONES (sizeof(zones) / sizeof(zones[0]))

struct connection {
	SMFICTX *ctx;
	bool open;               /* since connect */
	struct ipaddr client;    /* no address: never refused */
	const struct conf *conf; /* that was running at connect */
	int64_t since;
	bool authenticated; /* at the last MAIL */
	uint8_t macros;     /* that the MTA sends since then */
	bool stopping;      /* it came when the daemon was about to stop */
};

struct guilt {
	bool everybody;
	bool client[CLIENTS];
	unsigned told[ZONES]; /* how often a zone said something of everybody */
};

static struct program {
	struct input in;
	const struct smfiDesc *call;
	struct connection connection[CONTEXTS];
	struct guilt guilt;
	int64_t passed;
	unsigned stored;
	bool stopping;
} p;

/* The client that is meant, folded as relayguard does; empty where there is none. */
static struct ipaddr
address_of(size_t client)
{
	struct ipaddr ip = {0};

	if (client < CLIENTS)
		MUST(ipaddr_parse(&ip, clients[client]));
	return ip;
}

/* Whether this client was listed, by name so to speak, or is in a deny set. */
static bool
is_guilty_alone(const struct ipaddr *ip)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		struct ipaddr other = address_of(i);

		if (p.guilt.client[i] && ipaddr_compare(ip, &other) == 0)
			return true;
	}
	return fuzz_services_denies(ip);
}

/* Whether anything was ever said of the client that can count against it. */
static bool
is_guilty(const struct ipaddr *ip)
{
	return ip->bits != 0 && (p.guilt.everybody || is_guilty_alone(ip));
}

/*
 * Whether a refusal for good may be right.  Not if the only word against the
 * client is that of lists which have held everybody all the time.
 */
static bool
may_be_proven(const struct ipaddr *ip)
{
	if (!fuzz_services_wants_confirmation() || is_guilty_alone(ip))
		return true;
	for (size_t i = 0; i < ZONES; i++)
		if (p.guilt.told[i] > 1)
			return true;
	return false;
}

/* Whether it is in the allow set. */
static bool
is_allowed(const struct ipaddr *ip)
{
	struct ipaddr allowed = address_of(CLIENT_ALLOWED);

	return ipaddr_compare(ip, &allowed) == 0;
}

static void
accuse(size_t client)
{
	if (client < CLIENTS)
		p.guilt.client[client] = true;
	else
		p.guilt.everybody = true;
}

/* What libmilter or an MTA would not have. */
static void
check_faults(void)
{
	const char *fault = fake_mta_fault();

	if (fault != NULL)
		fuzz_broken("fake_mfapi.c", 0, fault);
}

static struct connection *
next_connection(void)
{
	struct connection *c = &p.connection[input_byte(&p.in) % CONTEXTS];

	if (c->ctx == NULL && (c->ctx = calloc(1, sizeof(*c->ctx))) == NULL)
		abort();
	c->ctx->pending = false;
	return c;
}

static void
do_negotiate(struct connection *c)
{
	unsigned long actions = input_number(&p.in), steps = input_number(&p.in);
	unsigned long got[4] = {1, 1, 1, 1};

	c->ctx->stage = -1;
	c->ctx->offered_actions = actions;
	c->ctx->offered_steps = steps;
	MUST(p.call->xxfi_negotiate(c->ctx, actions, steps, 0, 0, &got[0], &got[1], &got[2],
		 &got[3]) == SMFIS_CONTINUE);
	MUST((got[0] & ~actions) == 0 && got[2] == 0 && got[3] == 0);
	/* Of the steps, libmilter itself takes care of replies that are not given. */
	MUST((got[1] & ~(steps | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_HDR)) == 0);
}

/* A socket's address in a block of its own size, or NULL; to be freed. */
static struct sockaddr *
make_address(size_t who, struct ipaddr *ip)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6};
	struct sockaddr odd = {0};

	*ip = address_of(who - WHO_FIRST_CLIENT);
	if (who == WHO_NOBODY)
		return NULL;
	if (who < WHO_FIRST_CLIENT) {
		odd.sa_family = who == WHO_UNIX ? AF_UNIX : (sa_family_t)input_byte(&p.in);
		if (odd.sa_family == AF_INET || odd.sa_family == AF_INET6)
			odd.sa_family = AF_UNSPEC;
		return fuzz_copy(&odd, sizeof(odd));
	}
	if (inet_pton(AF_INET, clients[who - WHO_FIRST_CLIENT], &sin.sin_addr) == 1)
		return fuzz_copy(&sin, sizeof(sin));
	MUST(inet_pton(AF_INET6, clients[who - WHO_FIRST_CLIENT], &sin6.sin6_addr) == 1);
	return fuzz_copy(&sin6, sizeof(sin6));
}

static void
do_connect(struct connection *c)
{
	size_t who = input_byte(&p.in) % (WHO_FIRST_CLIENT + CONNECTING);
	struct sockaddr *sa = make_address(who, &c->client);
	char *name = input_maybe(&p.in, input_byte(&p.in) & 1, TEXT_MAX);
	struct conf *conf = conf_current();
	sfsistat status;

	c->conf = conf;
	conf_unref(&conf); /* the world keeps all of them */
	c->since = clock_ms();
	c->authenticated = false;
	c->stopping = p.stopping;
	c->open = true;
	c->ctx->stage = SMFIM_CONNECT;
	status = p.call->xxfi_connect(c->ctx, name, (_SOCK_ADDR *)sa);
	MUST(status == SMFIS_CONTINUE || status == SMFIS_ACCEPT);
	MUST(clock_ms() == c->since);
	free(sa);
	free(name);
}

static void
do_helo(struct connection *c)
{
	char *name = input_text(&p.in, TEXT_MAX);

	c->authenticated = false; /* who says HELO begins anew */
	c->ctx->stage = SMFIM_HELO;
	MUST(p.call->xxfi_helo(c->ctx, name) == SMFIS_NOREPLY);
	free(name);
}

/* What the MTA makes of an address: something, nothing, or what it was before. */
static void
give_address(struct connection *c, int stage, const char *name)
{
	char *text = (c->macros & 8) != 0 ? input_text(&p.in, TEXT_MAX) : NULL;

	if ((c->macros & 64) == 0)
		fake_mta_macro(c->ctx, stage, name, text);
	free(text);
}

static void
do_mail(struct connection *c)
{
	uint8_t macros = input_byte(&p.in);
	char *argv[] = {input_text(&p.in, TEXT_MAX), NULL};

	c->macros = macros;
	fake_mta_macro(
	    c->ctx, SMFIM_CONNECT, "v", (macros & 16) != 0 ? "Postfix 3.7.11" : "8.17");
	give_address(c, SMFIM_ENVFROM, "{mail_addr}");
	c->ctx->stage = SMFIM_ENVFROM;
	fake_mta_macro(c->ctx, SMFIM_ENVFROM, "{auth_authen}",
	    (macros & 1) != 0       ? "user"
		: (macros & 2) != 0 ? ""
				    : NULL);
	fake_mta_macro(
	    c->ctx, SMFIM_ENVFROM, "{auth_type}", (macros & 4) != 0 ? "PLAIN" : NULL);
	if (c->open)
		c->authenticated = (macros & 5) != 0;
	MUST(p.call->xxfi_envfrom(c->ctx, argv) == SMFIS_NOREPLY);
	free(argv[0]);
}

/* Refused with a good reply, for a reason, and in time. */
static void
check_refusal(const struct connection *c, sfsistat status)
{
	const struct text *reply = &c->ctx->reply;

	MUST(status == SMFIS_REJECT || status == SMFIS_TEMPFAIL);
	MUST(c->open && is_guilty(&c->client));
	MUST(status == SMFIS_TEMPFAIL || may_be_proven(&c->client));
	MUST(!c->conf->shadow && !c->authenticated && !c->stopping);
	MUST(c->ctx->pending && reply->n >= 1 && reply->n <= 4);
	MUST(reply->code[0] == (status == SMFIS_REJECT ? '5' : '4'));
	for (size_t i = 0; i < reply->n; i++)
		MUST(fuzz_is_reply_line(reply->line[i]) && strlen(reply->line[i]) < 480);
}

static void
do_rcpt(struct connection *c)
{
	char *argv[] = {input_text(&p.in, TEXT_MAX), NULL};
	int64_t began = clock_ms(), due;
	sfsistat status;

	give_address(c, SMFIM_ENVRCPT, "{rcpt_addr}");
	fake_mta_macro(
	    c->ctx, SMFIM_ENVRCPT, "{rcpt_mailer}", (c->macros & 32) != 0 ? "error" : "relay");
	due = c->open ? c->since + c->conf->deadline_ms : began;
	c->ctx->stage = SMFIM_ENVRCPT;
	status = p.call->xxfi_envrcpt(c->ctx, argv);
	MUST(clock_ms() <= (due > began ? due : began));
	if (status == SMFIS_CONTINUE || (status == SMFIS_ACCEPT && is_allowed(&c->client)))
		MUST(!c->ctx->pending);
	else
		check_refusal(c, status);
	free(argv[0]);
}

static void
do_abort(struct connection *c)
{
	c->ctx->stage = SMFIM_EOM;
	MUST(p.call->xxfi_abort(c->ctx) == SMFIS_CONTINUE);
}

static void
do_close(struct connection *c)
{
	p.call->xxfi_close(c->ctx);
	MUST(c->ctx->priv == NULL);
	c->open = false;
}

/* A record of an answer: some of everything that lists and liars say. */
static uint32_t
next_code(void)
{
	static const uint32_t codes[] = {0x7f000002, 0x7f000004, 0x7f000009, 0x7f000001,
	    0x7ffffffe, 0x7f000007, 0xc0000263, 0x7fffff01};
	uint8_t which = input_byte(&p.in);

	return which < 250 ? codes[which % 8] : input_number(&p.in);
}

/* Whether an answer may count against a client, whatever the list. */
static bool
is_listing(const uint32_t *code, size_t n)
{
	bool declared = false;

	for (size_t i = 0; i < n; i++) {
		if (code[i] >> 24 != 127 || code[i] >> 8 == 0x7fffff)
			return false;
		declared |= fuzz_services_declares(code[i]);
	}
	return declared;
}

/* The name that a list is asked for a client, or for all of them. */
static bool
query_name(size_t client, size_t zone, char *name, size_t size)
{
	struct ipaddr ip = address_of(client);
	char labels[IPADDR_LABELS] = "*";

	if (client < CLIENTS)
		ipaddr_reverse(&ip, labels);
	return snprintf(name, size, "%s.%s", labels, zones[zone]) < (int)size;
}

static void
do_dns(void)
{
	static const int64_t delays[] = {0, 1, 5, 900, 1999, 2000, 2001, 60000};
	size_t client = input_byte(&p.in) % (CLIENTS + 1), zone = input_byte(&p.in) % ZONES;
	uint8_t shape = input_byte(&p.in);
	struct dns_reply reply = {
	    .status = (enum dns_status)(shape % 4), .ttl = 1U << shape / 8};
	char name[128];

	if (reply.status == DNS_FOUND)
		for (size_t n = 1 + input_byte(&p.in) % 4; reply.n < n; reply.n++)
			reply.address[reply.n] = next_code();
	if (is_listing(reply.address, reply.n))
		accuse(client);
	p.guilt.told[zone] += client == CLIENTS;
	if (query_name(client, zone, name, sizeof(name)))
		fake_dns_teach(name, NULL, &reply, delays[input_byte(&p.in) % 8]);
}

/* Another node, or anybody, writes into Redis under a key that we read. */
static void
do_redis_value(void)
{
	size_t client = input_byte(&p.in) % CLIENTS, zone = input_byte(&p.in) % (ZONES + 1);
	struct ipaddr ip = address_of(client);
	char *text = input_text(&p.in, TEXT_MAX);

	/* Any value may be one that is understood: what it says is no matter here. */
	if (p.stored++ < REDIS_ENTRIES &&
	    fuzz_services_store(
		&ip, zone < ZONES ? zones[zone] : NULL, text, 1 + input_byte(&p.in) * 16U))
		accuse(client);
	free(text);
}

static void
do_redis_mode(void)
{
	static const int64_t delays[] = {0, 1, 30, 5000};
	uint8_t shape = input_byte(&p.in);

	fake_redis_set_mode((enum fake_redis_mode)(shape % 4), delays[shape / 4 % 4]);
}

static void
do_wait(void)
{
	int64_t ms = (int64_t)1 << input_byte(&p.in) % 20;

	if (p.passed + ms > PASS_MAX)
		return;
	p.passed += ms;
	fuzz_services_pass(ms);
}

static void
do_stop(void)
{
	fuzz_services_hurry();
	p.stopping = true;
}

static void
step(uint8_t verb)
{
	switch (verb % 16) {
	case 0:
		do_negotiate(next_connection());
		break;
	case 1:
	case 2:
		do_connect(next_connection());
		break;
	case 3:
		do_helo(next_connection());
		break;
	case 4:
		do_mail(next_connection());
		break;
	case 5:
	case 6:
		do_rcpt(next_connection());
		break;
	case 7:
		do_abort(next_connection());
		break;
	case 8:
		do_close(next_connection());
		break;
	case 9:
	case 10:
		do_dns();
		break;
	case 11:
		do_redis_value();
		break;
	case 12:
		do_redis_mode();
		break;
	case 13:
		do_wait();
		break;
	case 14:
		fuzz_services_reload(input_byte(&p.in));
		break;
	case 15:
		if (verb >= 240)
			do_stop();
		else
			fuzz_services_pass(0);
		break;
	}
}

/* Everybody hangs up; libmilter calls close for each of them. */
static void
close_all(void)
{
	for (size_t i = 0; i < CONTEXTS; i++) {
		struct connection *c = &p.connection[i];

		if (c->ctx == NULL)
			continue;
		do_close(c);
		fake_mta_free(c->ctx);
	}
	MUST(session_count() == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&p, 0, sizeof(p));
	p.in = (struct input){data, size};
	fuzz_services_open(input_byte(&p.in));
	p.call = fake_mfapi_callbacks();
	MUST(p.call != NULL);
	for (unsigned i = 0; i < STEPS_MAX && p.in.left > 0; i++) {
		step(input_byte(&p.in));
		check_faults();
	}
	close_all();
	check_faults();
	fuzz_services_close();
	return 0;
}
