/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_own.c - what becomes of a recipient: who gets on the list, for what, and who never
 * does.  L is a domain of ours, D another.
 */
#include "config.h"

#include "own/own.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "own/locallist.h"
#include "tap.h"

#define WALL 1795000000
#define DAY_MS INT64_C(86400000)
#define CLIENTS 1024
#define L "our.example"
#define D "third.example"

static struct locallist *list;
static struct own *own;

static bool
is_ours(const void *arg, const char *domain)
{
	(void)arg;
	return strcmp(domain, L) == 0;
}

static void
start(size_t clients)
{
	const struct own_options usual = {.enabled = true,
	    .forms = 2,
	    .senders = 3,
	    .both = 2,
	    .drop_box = 3,
	    .dictionary = 10,
	    .traps = 2,
	    .trap_hits = 3,
	    .helo = true};

	clock_freeze(0, WALL);
	list = locallist_new(clients);
	own = own_new(list, clients);
	own_configure(own, &usual);
}

static void
stop(void)
{
	own_free(own);
	locallist_free(list);
}

static void
use(struct own_options o)
{
	own_configure(own, &o);
}

/* A recipient as a client names it; what is not said is usual. */
static uint8_t
try(const char *client, enum own_outcome outcome, const char *recipient,
    const struct own_recipient *more)
{
	struct own_recipient r =
	    more != NULL ? *more : (struct own_recipient){.sender = "<a@x.example>"};
	struct ipaddr addr;

	ipaddr_parse(&addr, client);
	r.client = &addr;
	r.helo = r.helo != NULL ? r.helo : "mail.x.example";
	r.recipient = recipient;
	r.outcome = outcome;
	r.is_ours = is_ours;
	return own_recipient(own, &r);
}

/* Two forms of one recipient. */
static void
probe(const char *client, const struct own_recipient *more)
{
	try(client, OWN_RELAY_DENIED, "<u%" D "@mx." L ">", more);
	try(client, OWN_RELAY_DENIED, "<\"u@" D "\"@mx." L ">", more);
}

static void
guess(const char *client, const struct own_recipient *more)
{
	char user[64];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(user, sizeof(user), "<user%u@" L ">", i);
		try(client, OWN_UNKNOWN_USER, user, more);
	}
}

/* What a client is listed for, as "reason:rule", with blanks between them. */
static const char *
listed(const char *client)
{
	static char text[256];
	struct local_entry e;
	struct ipaddr addr;
	struct strbuf sb;

	ipaddr_parse(&addr, client);
	strbuf_init(&sb, text, sizeof(text));
	if (!locallist_find(list, &addr, (uint32_t)clock_wall(), &e))
		return "";
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if ((e.reasons >> i & 1) != 0)
			strbuf_addf(&sb, "%s%s:%s", sb.len > 0 ? " " : "",
			    local_reason_name((enum local_reason)i), e.rule[i]);
	return text;
}

static void
test_outcomes(void)
{
	static const struct {
		const char *code, *text;
		enum own_outcome outcome;
	} rows[] = {
	    {"5.7.1", "Relay access denied", OWN_RELAY_DENIED},
	    {"4.7.1", "Relay access denied", OWN_RELAY_DENIED},
	    {"5.7.1", "Client host rejected: Relay access denied", OWN_REFUSED},
	    {"5.7.1", "Relay access denied by me", OWN_REFUSED},
	    {"5.7.1", "Service unavailable; Client host [192.0.2.1] blocked", OWN_REFUSED},
	    {"5.1.1", "Recipient address rejected: User unknown in relay recipient table",
		OWN_UNKNOWN_USER},
	    {"4.1.1", "Recipient address rejected: User unknown in local recipient table",
		OWN_UNKNOWN_USER},
	    {"5.1.1", "550 5.1.1 User unknown", OWN_UNKNOWN_USER},
	    {"4.1.1", "Recipient address rejected: unverified address: in progress",
		OWN_REFUSED},
	    {"5.1.1", NULL, OWN_UNKNOWN_USER},
	    {NULL, "550 5.1.1 User unknown", OWN_UNKNOWN_USER},
	    {"4.2.0", "Recipient address rejected: Greylisted", OWN_REFUSED},
	    {"5.1.3", "Bad recipient address syntax", OWN_REFUSED},
	    {NULL, NULL, OWN_REFUSED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_num(own_outcome(rows[i].code, rows[i].text), rows[i].outcome,
		    rows[i].text != NULL ? rows[i].text : "no text");
}

static void
test_listings(void)
{
	const struct own_recipient ours = {.helo_is_ours = true, .sender = "<a@x.example>"};
	const struct own_recipient bounce = {.sender = "<>"};

	start(CLIENTS);
	try("198.51.100.1", OWN_RELAY_DENIED, "<u%" D "@mx." L ">", NULL);
	same_str(listed("198.51.100.1"), "", "one attempt");
	probe("198.51.100.1", NULL);
	same_str(listed("198.51.100.1"), "probe:forms", "two forms");
	guess("198.51.100.1", NULL);
	same_str(listed("198.51.100.1"), "probe:forms dictionary:unknown-users",
	    "and a dictionary attack");
	try("198.51.100.2", OWN_TAKEN, "<bob@" L ">", &ours);
	same_str(listed("198.51.100.2"), "helo:our-name", "our name, by whatever recipient");
	guess("198.51.100.3", &bounce);
	same_str(listed("198.51.100.3"), "", "bounces to unknown users");
	try("198.51.100.4", OWN_TAKEN, "<bob@" L ">", NULL);
	guess("198.51.100.4", NULL);
	same_str(listed("198.51.100.4"), "", "who knows somebody does not guess");
	for (unsigned i = 0; i < 30; i++)
		try("198.51.100.5", OWN_REFUSED, i % 2 != 0 ? "<" D "!u>" : "<u%" D ">", NULL);
	same_str(listed("198.51.100.5"), "", "what is refused for other reasons");
	try("2001:db8:1:2::1", OWN_RELAY_DENIED, "<u%" D "@mx." L ">", NULL);
	try("2001:db8:1:2::2", OWN_RELAY_DENIED, "<" D "!u>", NULL);
	same_str(listed("2001:db8:1:2::3"), "probe:forms", "of IPv6 a /64");
	stop();
}

/* Nothing that these do counts, and they are not even remembered for it. */
static void
test_excused(void)
{
	const struct own_recipient excused = {
	    .excused = true, .helo_is_ours = true, .sender = "<a@x.example>"};
	const struct own_recipient ours = {.helo_is_ours = true, .sender = "<a@x.example>"};
	struct ipaddr good;

	start(CLIENTS);
	probe("198.51.100.1", &excused);
	guess("198.51.100.1", &excused);
	same_str(listed("198.51.100.1"), "", "excused");
	try("198.51.100.1", OWN_RELAY_DENIED, "<" D "!u>", NULL);
	same_str(listed("198.51.100.1"), "", "nor later, for what it did then");
	probe("192.168.1.1", &ours);
	same_str(listed("192.168.1.1"), "", "a private network");
	ipaddr_parse(&good, "198.51.100.2");
	for (unsigned i = 0; i < 3; i++) {
		ok(!own_is_good(own, &good), "%u messages make nobody good", i);
		own_message(own, &good);
		clock_advance(DAY_MS);
	}
	ok(own_is_good(own, &good), "three messages on three days");
	probe("198.51.100.2", &ours);
	guess("198.51.100.2", &ours);
	same_str(listed("198.51.100.2"), "", "known good");
	stop();
}

static void
test_options(void)
{
	start(CLIENTS);
	use((struct own_options){.enabled = false, .forms = 2});
	probe("198.51.100.1", NULL);
	same_str(listed("198.51.100.1"), "", "it is off");
	use((struct own_options){.enabled = true});
	probe("198.51.100.1", NULL);
	guess("198.51.100.1", NULL);
	try("198.51.100.1", OWN_TAKEN, "<bob@" L ">",
	    &(struct own_recipient){.helo_is_ours = true});
	same_str(listed("198.51.100.1"), "", "every rule is off");
	use((struct own_options){.enabled = true, .forms = 3, .dictionary = 11});
	probe("198.51.100.2", NULL);
	guess("198.51.100.2", NULL);
	same_str(listed("198.51.100.2"), "", "it takes more");
	try("198.51.100.2", OWN_RELAY_DENIED, "<" D "!u>", NULL);
	same_str(listed("198.51.100.2"), "probe:forms", "a third form");
	stop();
}

/* One that goes on is listed for longer, but only for what meets a rule by itself. */
static void
test_renewal(void)
{
	struct local_entry e;
	struct ipaddr addr;

	start(CLIENTS);
	ipaddr_parse(&addr, "198.51.100.1");
	probe("198.51.100.1", NULL);
	clock_advance(DAY_MS / 2);
	try("198.51.100.1", OWN_RELAY_DENIED, "<u@fourth.example>", NULL);
	clock_advance(DAY_MS / 2 + 1000);
	same_str(listed("198.51.100.1"), "", "it ends, whatever else was tried");
	try("198.51.100.1", OWN_RELAY_DENIED, "<u%" D "@mx." L ">", NULL);
	same_str(listed("198.51.100.1"), "", "a single form of today");
	try("198.51.100.1", OWN_RELAY_DENIED, "<" D "!u>", NULL);
	ok(locallist_find(list, &addr, (uint32_t)clock_wall(), &e), "two of them");
	same_num(e.times[LOCAL_PROBE], 2, "the second time");
	stop();
}

/* A recipient that was a trap. */
static enum traphits_word
trapped(const char *client, const struct trap *trap, const char *sender)
{
	struct ipaddr addr;
	const struct own_trapped t = {
	    .client = &addr, .trap = trap, .sender = sender, .at = (uint32_t)clock_wall()};

	ipaddr_parse(&addr, client);
	return own_trapped(own, &t);
}

static void
test_traps(void)
{
	static const struct trap page = {"page", "", TRAP_PRISTINE},
				 mid = {"mid", "", TRAP_PRISTINE},
				 bob = {"bob", "", TRAP_RECYCLED},
				 eve = {"eve", "", TRAP_RECYCLED};
	struct ipaddr addr;

	start(CLIENTS);
	trapped("198.51.100.1", &page, "<a@x.example>");
	same_str(listed("198.51.100.1"), "", "one trap lists nobody");
	trapped("198.51.100.1", &mid, "<a@x.example>");
	same_str(listed("198.51.100.1"), "trap:traps", "two do");
	ipaddr_parse(&addr, "198.51.100.1");
	clock_advance(60000);
	locallist_remove(list, &addr, (uint32_t)clock_wall());
	clock_advance(60000);
	trapped("198.51.100.1", &mid, "<a@x.example>");
	same_str(listed("198.51.100.1"), "", "after a removal it begins anew");
	trapped("198.51.100.2", &page, "<>");
	trapped("198.51.100.2", &mid, "<>");
	same_str(listed("198.51.100.2"), "backscatter:bounces", "bounces are backscatter");
	trapped("198.51.100.3", &bob, "<a@x.example>");
	trapped("198.51.100.3", &eve, "<a@x.example>");
	same_str(listed("198.51.100.3"), "dictionary:recycled-traps", "of a stale list");
	ipaddr_parse(&addr, "198.51.100.4");
	for (unsigned i = 0; i < 3; i++) {
		own_message(own, &addr);
		clock_advance(24 * 3600 * 1000);
	}
	same_num(trapped("198.51.100.4", &page, "<a@x.example>"), TRAPHITS_GOOD,
	    "a client that is known good");
	stop();
}

/* One line a second at most. */
static void
test_log(void)
{
	char *text = NULL, *first, *last, client[IPADDR_STRLEN];
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	start(CLIENTS);
	log_to_stream(stream);
	clock_advance(1000);
	for (unsigned i = 1; i <= 5; i++) {
		snprintf(client, sizeof(client), "198.51.100.%u", i);
		probe(client, NULL);
		probe(client, NULL);
		clock_advance(300);
	}
	log_to_stream(stderr);
	fclose(stream);
	first = strstr(text, "event=own-listed");
	last = strstr(first != NULL ? first + 1 : text, "event=own-listed");
	ok(first != NULL && last != NULL && strstr(last + 1, "event=own-listed") == NULL,
	    "two lines: %s", text);
	same_str(last,
	    "event=own-listed client=198.51.100.5 reason=probe rule=forms attempts=2 "
	    "clients=4\n",
	    "the second stands for those between, too");
	free(text);
	stop();
}

/* Few of many hits are worth keeping, and some of those who are caught in any case. */
static void
test_hits(void)
{
	unsigned kept = 0, caught = 0;

	start(CLIENTS);
	for (unsigned i = 0; i < 1000; i++) {
		char client[IPADDR_STRLEN];

		snprintf(client, sizeof(client), "100.1.%u.%u", i / 256, i % 256);
		kept += try(client, OWN_RELAY_DENIED, "<u%" D "@mx." L ">", NULL) != 0;
		caught += try(client, OWN_RELAY_DENIED, "<" D "!u>", NULL) != 0;
	}
	same_num(kept, 32, "a second, of those who are not caught");
	same_num(caught, 32, "and of those who are");
	clock_advance(1000);
	same_num(try("198.51.100.1", OWN_RELAY_DENIED, "<" D "!u>", NULL), 1U << LOCAL_PROBE,
	    "the next second has room");
	same_num(try("198.51.100.2", OWN_REFUSED, "<" D "!u>", NULL), 0, "no evidence");
	stop();
}

/* A million addresses that try once, and the memory that they take. */
static void
test_flood(void)
{
	struct rusage before, after;
	char client[IPADDR_STRLEN];
	struct ipaddr addr;

	start(OWN_CLIENTS);
	getrusage(RUSAGE_SELF, &before);
	probe("198.51.100.1", NULL);
	for (uint32_t i = 0; i < 1000000; i++) {
		addr = (struct ipaddr){.bits = 32,
		    .byte = {100, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
		try(ipaddr_format(&addr, client), OWN_RELAY_DENIED, "<u@" D ">", NULL);
		if (i == 500000) {
			/* Newer than those beside it: of as old ones any may make room. */
			clock_advance(1000);
			try("198.51.100.2", OWN_RELAY_DENIED, "<u%" D "@mx." L ">", NULL);
		}
		if (i == 500100)
			try("198.51.100.2", OWN_RELAY_DENIED, "<" D "!u>", NULL);
	}
	getrusage(RUSAGE_SELF, &after);
	same_str(listed("198.51.100.1"), "probe:forms", "who was listed before it");
	same_str(listed("198.51.100.2"), "probe:forms", "who came in its middle");
	same_str(listed("100.7.1.1"), "", "and nobody of the flood");
	printf("# grown by %ld KiB\n", after.ru_maxrss - before.ru_maxrss);
	stop();
}

int
main(void)
{
	test_outcomes();
	test_listings();
	test_excused();
	test_options();
	test_renewal();
	test_traps();
	test_log();
	test_hits();
	test_flood();
	return done();
}
