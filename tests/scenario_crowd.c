/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_crowd.c - many clients, good and bad, and what became of them; a
 * good one that is put off comes again.  Beside it, what became of the lists.
 */
#include "config.h"

#include "scenario.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmilter/mfapi.h>

#include "base/clock.h"
#include "base/ipaddr.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_mta.h"
#include "lists/listing.h"

#define AT_ONCE_MAX 512
#define RETRY_MS 300000 /* after which a client that was put off comes again */
#define LOOK_MS 100     /* how often the state of lists is looked at */
#define MESSAGE_MS 5    /* for a message, ... */
#define LOGIN_MS 1500   /* ... and for one of somebody who has logged in */
#define NEVER (-1)

enum fate { FATE_PASSED, FATE_DEFERRED, FATE_REFUSED, FATE_MAX };

struct person {
	bool good, v6, login, account;
	unsigned n;
};

/* A good client that was put off. */
struct retry {
	struct retry *next;
	struct person who;
	int64_t due;
};

/* What is seen of a list. */
struct chart {
	char label[32];
	enum list_state state;
	int64_t turn;         /* the last after which it was suspended */
	long suspended_after; /* sessions since the turn; NEVER: it was not */
	long restored_after;  /* seconds since the last turn; NEVER: it was not */
};

/* What a crowd is to do. */
struct crowd {
	unsigned n;
	bool good, bad, v6, again, at_once, login, account;
	int64_t every;
};

static struct {
	unsigned next[2][2]; /* of the people not seen yet: bad or good, by family */
	unsigned count[2][FATE_MAX];
	unsigned sessions, turned_sessions;
	int64_t turned; /* when a list or the resolver did otherwise for the last time */
	unsigned lost;  /* good clients put off a second time */
	struct retry *retries, **last_retry;
	struct chart chart[LISTS_MAX];
	size_t ncharts;
} all = {.last_retry = &all.retries};

void
crowd_turn(struct scenario *s, int64_t when)
{
	(void)s;
	all.turned = when;
	all.turned_sessions = all.sessions;
}

void
crowd_move(void)
{
	for (size_t i = 0; i < all.ncharts; i++)
		all.chart[i].state = LIST_NEW;
}

static struct chart *
chart_of(const char *label)
{
	for (size_t i = 0; i < all.ncharts; i++)
		if (strcmp(all.chart[i].label, label) == 0)
			return &all.chart[i];
	return NULL;
}

static struct chart *
new_chart(const char *label)
{
	struct chart *c = &all.chart[all.ncharts++];

	if (all.ncharts > LISTS_MAX)
		abort();
	*c = (struct chart){.suspended_after = NEVER, .restored_after = NEVER};
	(void)strbuf_copy(c->label, sizeof(c->label), label);
	return c;
}

static void
look_at(const struct listing *listing)
{
	enum list_state was, now = listing_state(listing);
	struct chart *c = chart_of(listing->label);

	if (c == NULL)
		c = new_chart(listing->label);
	was = c->state;
	c->state = now;
	if (was == now)
		return;
	if (now >= LIST_SILENT && c->turn != all.turned) {
		c->turn = all.turned;
		c->suspended_after = (long)(all.sessions - all.turned_sessions);
	} else if (was >= LIST_RECOVERING && now < LIST_RECOVERING)
		c->restored_after = (long)((clock_ms() - all.turned) / 1000);
}

static void
look_at_lists(void)
{
	struct conf *conf = conf_current();

	for (unsigned i = 0; i < conf->roster->n; i++)
		look_at(conf->roster->list[i]);
	conf_unref(&conf);
}

static const struct sockaddr *
sockaddr_of(const struct person *p, struct sockaddr_storage *ss)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct ipaddr addr;

	person_address(&addr, p->good, p->v6, p->n);
	memset(ss, 0, sizeof(*ss));
	ss->ss_family = p->v6 ? AF_INET6 : AF_INET;
	if (p->v6)
		memcpy(&sin6->sin6_addr, addr.byte, 16);
	else
		memcpy(&sin->sin_addr, addr.byte, 4);
	return (const struct sockaddr *)ss;
}

/* From connect to MAIL: nobody waits. */
static struct smfi_str *
arrive(struct scenario *s, const struct person *p)
{
	char from[] = "<a@client.example>", *argv[] = {from, NULL}, user[16];
	struct smfi_str *mta = fake_mta_open(s->mta_version, true);
	struct sockaddr_storage ss;

	fake_mta_connect(mta, "unknown", sockaddr_of(p, &ss));
	fake_mta_helo(mta, "client.example");
	snprintf(user, sizeof(user), "user%u", p->account ? 1 : p->n);
	fake_mta_macro(mta, SMFIM_ENVFROM, "{auth_authen}", p->login ? user : NULL);
	fake_mta_macro(mta, SMFIM_ENVFROM, "{auth_type}", p->login ? "PLAIN" : NULL);
	fake_mta_mail(mta, argv);
	return mta;
}

static void
come_again(const struct person *p)
{
	struct retry *r = malloc(sizeof(*r));

	if (r == NULL)
		abort();
	*r = (struct retry){NULL, *p, clock_ms() + RETRY_MS};
	*all.last_retry = r;
	all.last_retry = &r->next;
}

/* From RCPT to QUIT: what became of it. */
static enum fate
leave(struct scenario *s, struct smfi_str *mta, const struct person *p)
{
	char to[] = "<bob@b.example>", *argv[] = {to, NULL};
	const char *outcome = fake_mta_rcpt(mta, argv), *fault;
	enum fate fate = FATE_PASSED;

	if (outcome[0] == '4')
		fate = FATE_DEFERRED;
	else if (outcome[0] == '5')
		fate = FATE_REFUSED;
	fake_mta_data(mta);
	fake_loop_pass(s->loop, p->login ? LOGIN_MS : MESSAGE_MS);
	fake_mta_close(mta);
	fake_loop_turn(s->loop);
	while ((fault = fake_mta_fault()) != NULL)
		check(s, false, "no complaint of libmilter or an MTA", fault);
	look_at_lists();
	return fate;
}

static void
note(struct scenario *s, const struct person *p, enum fate fate)
{
	all.sessions++;
	all.count[p->good][fate]++;
	if (p->good && fate == FATE_DEFERRED)
		come_again(p);
	(void)s;
}

/* Those who were put off and have waited long enough. */
static void
run_retries(struct scenario *s)
{
	struct retry *r;

	while ((r = all.retries) != NULL && r->due <= clock_ms()) {
		if ((all.retries = r->next) == NULL)
			all.last_retry = &all.retries;
		switch (leave(s, arrive(s, &r->who), &r->who)) {
		case FATE_PASSED:
			break;
		case FATE_DEFERRED:
			all.lost++;
			break;
		case FATE_REFUSED:
			all.count[true][FATE_REFUSED]++;
			break;
		case FATE_MAX:
			abort();
		}
		free(r);
	}
}

/* Time passes, and the lists are looked at meanwhile. */
void
crowd_pass(struct scenario *s, int64_t ms)
{
	int64_t until = clock_ms() + ms;

	do {
		int64_t left = until - clock_ms();

		fake_loop_pass(s->loop, left < LOOK_MS ? left : LOOK_MS);
		look_at_lists();
		run_retries(s);
	} while (clock_ms() < until);
}

void
crowd_free(void)
{
	struct retry *r;

	while ((r = all.retries) != NULL) {
		all.retries = r->next;
		free(r);
	}
}

static struct crowd
read_crowd(struct scenario *s)
{
	struct crowd c = {.n = (unsigned)strtoul(need_word(s), NULL, 10)};
	const char *word = need_word(s);

	c.good = strcmp(word, "good") == 0 || strcmp(word, "mixed") == 0;
	c.bad = strcmp(word, "bad") == 0 || strcmp(word, "mixed") == 0;
	while ((word = next_word(&s->rest)) != NULL) {
		if (strcmp(word, "every") == 0)
			c.every = duration(s, need_word(s));
		else if (strcmp(word, "at-once") == 0)
			c.at_once = true;
		else if (strcmp(word, "again") == 0)
			c.again = true;
		else if (strcmp(word, "login") == 0)
			c.login = true;
		else if (strcmp(word, "account") == 0)
			c.login = c.account = true;
		else if (strcmp(word, "ipv6") == 0)
			c.v6 = true;
		else
			broken(s, "no such word here:", word);
	}
	if (c.n == 0 || (!c.good && !c.bad) || (c.at_once && c.n > AT_ONCE_MAX))
		broken(s, "this crowd is none:", s->whole);
	return c;
}

/* The i-th of a crowd: somebody new, or one of the last that were. */
static struct person
pick(const struct crowd *c, unsigned i)
{
	struct person p = {.good = c->good && (!c->bad || i % 2 == 0),
	    .v6 = c->v6,
	    .login = c->login,
	    .account = c->account};
	unsigned *next = &all.next[p.good][p.v6];
	unsigned share = c->good && c->bad ? (c->n + p.good) / 2 : c->n;
	unsigned turn = c->good && c->bad ? i / 2 : i;

	if (c->again && *next >= share)
		p.n = *next - share + turn;
	else
		p.n = (*next)++;
	return p;
}

static void
come_in_turn(struct scenario *s, const struct crowd *c, unsigned count[2][FATE_MAX])
{
	for (unsigned i = 0; i < c->n; i++) {
		struct person p = pick(c, i);
		int64_t began = clock_ms(), rest;
		enum fate fate;

		run_retries(s);
		fate = leave(s, arrive(s, &p), &p);
		count[p.good][fate]++;
		note(s, &p, fate);
		if ((rest = began + c->every - clock_ms()) > 0)
			crowd_pass(s, rest);
	}
}

/* All are there before the first one says RCPT. */
static void
come_at_once(struct scenario *s, const struct crowd *c, unsigned count[2][FATE_MAX])
{
	struct person who[AT_ONCE_MAX];
	struct smfi_str *mta[AT_ONCE_MAX];

	for (unsigned i = 0; i < c->n; i++) {
		who[i] = pick(c, i);
		mta[i] = arrive(s, &who[i]);
		fake_loop_pass(s->loop, c->every);
	}
	for (unsigned i = 0; i < c->n; i++) {
		enum fate fate = leave(s, mta[i], &who[i]);

		count[who[i].good][fate]++;
		note(s, &who[i], fate);
	}
}

static const char *
fate_of(const unsigned count[FATE_MAX])
{
	static const char *const words[] = {"passed", "deferred", "refused"};
	const char *word = NULL;

	for (int f = 0; f < FATE_MAX; f++) {
		if (count[f] > 0 && word != NULL)
			return "mixed";
		if (count[f] > 0)
			word = words[f];
	}
	return word != NULL ? word : "none";
}

/* "traffic N good|bad|mixed [every TIME] [at-once] [again] [login|account] [ipv6] => good GOOD bad BAD" */
void
do_traffic(struct scenario *s)
{
	struct crowd c = read_crowd(s);
	unsigned count[2][FATE_MAX] = {{0}};
	char got[160];

	if (s->here == NULL)
		broken(s, "there is no configuration yet for", s->whole);
	if (c.at_once)
		come_at_once(s, &c, count);
	else
		come_in_turn(s, &c, count);
	snprintf(
	    got, sizeof(got), "good %s bad %s", fate_of(count[true]), fate_of(count[false]));
	if (s->want != NULL && !like(s->want, got))
		snprintf(got, sizeof(got),
		    "good %s bad %s (passed, deferred, refused: %u %u %u, %u %u %u)",
		    fate_of(count[true]), fate_of(count[false]), count[1][0], count[1][1],
		    count[1][2], count[0][0], count[0][1], count[0][2]);
	if (s->want != NULL)
		check(s, like(s->want, got), s->want, got);
	else
		check(s, count[true][FATE_REFUSED] == 0, "no good client is refused", got);
}

static struct chart *
need_chart(struct scenario *s)
{
	struct chart *c;
	const char *label = need_word(s);

	look_at_lists();
	if ((c = chart_of(label)) == NULL)
		broken(s, "no list has the label", label);
	return c;
}

/* "LABEL" and perhaps "within N": the figure is no more than that. */
static void
check_within(struct scenario *s, long figure, long limit)
{
	char got[32];

	snprintf(got, sizeof(got), figure == NEVER ? "never" : "%ld", figure);
	check(s, figure != NEVER && figure <= limit, s->whole, got);
}

/* "suspended LABEL within N" sessions since the last turn. */
void
do_suspended(struct scenario *s)
{
	const struct chart *c = need_chart(s);

	need_word(s);
	check_within(s, c->suspended_after, strtol(need_word(s), NULL, 10));
}

/* "restored LABEL within 5m" since the last turn. */
void
do_restored(struct scenario *s)
{
	const struct chart *c = need_chart(s);

	need_word(s);
	check_within(s, c->restored_after, (long)(duration(s, need_word(s)) / 1000));
}

/* "state LABEL good" */
void
do_state(struct scenario *s)
{
	static const char *const words[] = {
	    "new", "good", "restored", "doubted", "recovering", "silent", "suspended"};
	const char *got = words[need_chart(s)->state], *want = need_word(s);

	check(s, strcmp(got, want) == 0, want, got);
}

static void
add_figure(struct strbuf *row, long figure, int width)
{
	if (figure == NEVER)
		strbuf_addf(row, " | %*s", width, "-");
	else
		strbuf_addf(row, " | %*ld", width, figure);
}

/* "KEY N " at the beginning of what is left; 0: it is not there. */
static unsigned
take_limit(struct scenario *s, const char *key)
{
	size_t len = strlen(key);
	unsigned limit;

	if (strncmp(s->rest, key, len) != 0 || s->rest[len] != ' ')
		return 0;
	next_word(&s->rest);
	limit = (unsigned)strtoul(need_word(s), NULL, 10);
	s->rest += strspn(s->rest, " ");
	return limit;
}

/*
 * "tally [but N] [late N] TITLE": a row of the table of incidents.  No good client
 * was refused (but for N at most), none was put off twice (but for N at most).
 */
void
do_tally(struct scenario *s)
{
	const struct chart *caught = NULL;
	char row[256], got[64];
	unsigned *good = all.count[true], *bad = all.count[false];
	unsigned but = take_limit(s, "but"), late = take_limit(s, "late");
	struct strbuf sb;

	crowd_pass(s, RETRY_MS);
	for (size_t i = 0; i < all.ncharts && caught == NULL; i++)
		if (all.chart[i].suspended_after != NEVER)
			caught = &all.chart[i];
	strbuf_init(&sb, row, sizeof(row));
	strbuf_addf(&sb, "%-40.40s | %4u %3u %3u | %4u %4u %4u", s->rest,
	    good[FATE_PASSED] + good[FATE_DEFERRED] + good[FATE_REFUSED], good[FATE_REFUSED],
	    good[FATE_DEFERRED], bad[FATE_REFUSED], bad[FATE_DEFERRED], bad[FATE_PASSED]);
	add_figure(&sb, caught != NULL ? caught->suspended_after : NEVER, 4);
	add_figure(&sb, caught != NULL ? caught->restored_after : NEVER, 5);
	printf("# %s: %s\n", s->cached ? "cached incident" : "incident", row);
	snprintf(
	    got, sizeof(got), "%u refused, %u put off twice", good[FATE_REFUSED], all.lost);
	check(s, good[FATE_REFUSED] <= but && all.lost <= late, "no good client lost", got);
}
