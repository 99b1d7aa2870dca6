/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/session.c - one connection, and the verdict on each of its recipients.
 * Connect looks up and does not wait; RCPT waits and decides.
 */
#include "config.h"

#include "session/session.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/random.h"
#include "conf/conf.h"
#include "health/health.h"
#include "loop/promise.h"
#include "own/own.h"
#include "session/attempts.h"
#include "session/decision.h"
#include "session/lookups.h"
#include "session/majority.h"
#include "session/outlets.h"
#include "session/passed.h"
#include "session/sighting.h"
#include "session/trapped.h"
#include "session/vouched.h"
#include "verdict/header.h"
#include "verdict/logrecord.h"
#include "verdict/message.h"

#define REFUSED_MAX 32 /* recipients of a session that the MTA has refused and we note */
#define SAID_BEFORE ": Recipient address rejected: " /* by Postfix, behind the recipient */
#define RECEIVER_SIZE 256                            /* of a name in DNS, and more */

struct session {
	struct session_shared *shared;
	struct conf *conf;
	struct client client;
	bool watchdog;                 /* it is the daemon's own: leaves no trace */
	bool free;                     /* nothing can ever be refused */
	unsigned agreed;               /* enum session_agreed */
	unsigned refused;              /* recipients that the MTA has refused, and were noted */
	bool good;                     /* known to be a good client */
	struct message *message;       /* the message under way; NULL: no message is changed */
	struct passed passed;          /* and who it goes to */
	uintptr_t last_from;           /* where libmilter had the last {mail_addr}, ... */
	uintptr_t last_to;             /* ... and {rcpt_addr}; 0: there is none */
	struct trapped trapped;        /* the traps that it has written to */
	char ref[REF_LEN + 1];         /* of the last decision on a recipient */
	struct attempts_server server; /* that the client has come to */
	struct milterclients_entry connection; /* policy delegation leaves it alone by this */
	enum attempts_helo helo;               /* what its HELO is */
	char *receiver; /* our own name, as it stands in headers; or NULL */
};

void
session_stop_all(struct session_shared *shared)
{
	atomic_store(&shared->stopping, true);
	lookups_hurry(shared->services.lookups);
	promises_hurry(shared->services.promises);
}

unsigned
session_count(void)
{
	return limit_count(LIMIT_SESSIONS);
}

static bool
is_by_policy(const struct session *s)
{
	return (s->agreed & SESSION_BY_POLICY) != 0;
}

/* What stands in the log line whatever the verdict. */
static struct logrecord
record_of(const struct session *s, const char *ref)
{
	return (struct logrecord){
	    .ref = ref,
	    .client = &s->client.address,
	    .name = s->client.name,
	    .helo = s->client.helo,
	    .from = s->client.from,
	    .orig_from = s->client.orig_from,
	    .local_reason = s->client.local_reason,
	    .roster = s->conf->roster,
	    .facts = client_lookups_facts(s->client.lookups),
	    .unasked = client_lookups_unasked(s->client.lookups),
	    .quiet = s->watchdog,
	};
}

/* A client that is let through as we stop has its line now: it is not seen again. */
static void
release(struct session *s)
{
	const struct verdict verdict = {
	    .action = ACTION_PASS,
	    .meant = ACTION_PASS,
	    .reason = REASON_STOPPING,
	};
	char ref[REF_LEN + 1];
	struct logrecord record;

	s->free = true;
	ref_make(ref);
	record = record_of(s, ref);
	record.verdict = &verdict;
	logrecord_write(&record, NULL);
}

bool
session_is_watchdog(const struct session_shared *shared, const char *name)
{
	return shared->watchdog != NULL && name != NULL && strcmp(name, shared->watchdog) == 0;
}

/* A session with nothing in it but its client; NULL: out of memory. */
static struct session *
allocate(struct session_shared *shared, const struct conf *conf, const struct ipaddr *address,
    const char *name)
{
	bool changes = conf->marks || conf->quarantines;
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (changes)
		s->message = message_new();
	if ((!changes || s->message != NULL) &&
	    client_init(&s->client, &shared->services, conf, address, name, false))
		return s;
	message_free(s->message);
	free(s);
	return NULL;
}

struct session *
session_new(struct session_shared *shared, const struct ipaddr *address, const char *name,
    unsigned agreed)
{
	struct conf *conf;
	struct session *s;

	if (!limit_enter(LIMIT_SESSIONS))
		return NULL;
	conf = conf_current();
	if ((s = allocate(shared, conf, address, name)) == NULL) {
		log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "opening-a-session");
		conf_unref(&conf);
		limit_leave(LIMIT_SESSIONS);
		return NULL;
	}
	s->watchdog = session_is_watchdog(shared, name);
	if (!s->watchdog) {
		counter_add(COUNTER_SESSIONS);
		if ((agreed & SESSION_BY_POLICY) != 0)
			counter_add(COUNTER_BY_POLICY);
		majority_note(&s->client.address);
	}
	s->shared = shared;
	s->conf = conf;
	s->agreed = agreed;
	if (atomic_load(&shared->stopping))
		release(s);
	else
		client_look_up(&s->client);
	return s;
}

/* A client that is let through may still forge a field of ours. */
bool
session_is_accepted(const struct session *s)
{
	return s->free && s->message == NULL;
}

/* One that is allowed has its line by now. */
bool
session_message_is_accepted(const struct session *s)
{
	return s->client.allowed && s->message == NULL;
}

bool
session_wants_receiver(const struct session *s)
{
	return s->message != NULL;
}

void
session_receiver(struct session *s, const char *name)
{
	const char *own = s->conf->authserv_id != NULL ? s->conf->authserv_id : name;
	char host[RECEIVER_SIZE] = "";

	if (own == NULL || own[0] == '\0' || strlen(own) >= RECEIVER_SIZE)
		own = gethostname(host, sizeof(host) - 1) == 0 ? host : "";
	free(s->receiver);
	s->receiver = strdup(own);
}

/* Our own name, or an empty one. */
static const char *
receiver(const struct session *s)
{
	return s->receiver != NULL ? s->receiver : "";
}

bool
session_wants_server(const struct session *s)
{
	return s->conf->own.enabled && !s->free;
}

void
session_server(struct session *s, const char *name, const char *address)
{
	attempts_server_set(&s->server, name, address);
}

bool
session_wants_connection(const struct session *s)
{
	return s->conf->policy != NULL && !s->watchdog;
}

void
session_connection(struct session *s, const struct milterclients_key *key)
{
	milterclients_add(&s->connection, key);
}

void
session_helo(struct session *s, const char *helo)
{
	s->last_from = s->last_to = 0;
	if (s->free)
		return;
	client_helo(&s->client, helo);
	s->helo = session_wants_server(s) ? attempts_helo(&s->client, &s->server)
					  : ATTEMPTS_HELO_FINE;
}

/* There is no message under way, or a new one. */
static void
clear_message(struct session *s)
{
	passed_begin(&s->passed);
	if (s->message != NULL)
		message_clear(s->message);
}

/*
 * libmilter keeps a macro until the MTA sends another one or nothing of its kind can
 * follow.  Each one that is sent has memory of its own before that of the last is free:
 * what is in the same place is left from the address before.
 */
static struct envelope_path
fresh(const struct session *s, const struct envelope_path *path, uintptr_t *last)
{
	struct envelope_path own = *path;
	uintptr_t now = (uintptr_t)path->resolved;

	if (now == *last && !is_by_policy(s))
		own.resolved = NULL;
	*last = now;
	return own;
}

void
session_mail(struct session *s, const struct envelope_path *from, const char *user)
{
	struct envelope_path path = fresh(s, from, &s->last_from);

	s->last_to = 0;
	/* Nobody has told us that the message before has come to a good end. */
	clear_message(s);
	if (!s->free)
		(void)client_mail(&s->client, &path, user);
}

/* Whether a list that trusts the client has been heard. */
static bool
trusted(const struct verdict *verdict)
{
	for (unsigned i = 0; i < verdict->nhits; i++)
		if (verdict->hit[i].score < 0)
			return true;
	return false;
}

/* Let a recipient through to the message; false: it may not be one of this message. */
static bool
join(struct session *s, const char *ref, const struct decision *d)
{
	const struct client *c = &s->client;
	const struct header_facts facts = {
	    .authserv_id = receiver(s),
	    .ref = ref,
	    .client = &c->address,
	    .name = c->domain[ROLE_NAME],
	    .spf_domain = client_spf_domain(c),
	    .spf_helo = c->domain[ROLE_SENDER] == NULL,
	    .roster = d->input.roster,
	    .facts = d->input.facts,
	    .policy = d->input.policy,
	    .verdict = &d->verdict,
	};

	if (s->message == NULL || reply_needed(d->verdict.action))
		return true;
	if (!message_admits(s->message, d->verdict.action))
		return false;
	message_join(s->message, &facts);
	return true;
}

/* A recipient as the MTA understands it, and as the client typed it, where that is another;
 * NULL: at connect, where there is none yet. */
struct recipient {
	const char *text, *typed;
	struct mailbox box;
	int64_t began; /* when we were asked */
};

/* Of a client in allow, one recipient has the line of the message. */
static bool
is_told(const struct session *s)
{
	return s->client.allowed && s->passed.recipients > 0;
}

/* Say what was decided, in the log and to the client. */
static enum action
pronounce(
    struct session *s, const struct recipient *to, struct decision *d, struct reply *reply)
{
	struct verdict *verdict = &d->verdict;
	const char *ref = s->ref;
	struct logrecord record;

	ref_make(s->ref);
	record = record_of(s, ref);
	record.split = !join(s, ref, d);
	if (record.split) {
		verdict->action = ACTION_DEFER;
		message_explain(reply, ref);
	} else {
		decision_word(d, &s->client, ref, to->box.domain, reply);
	}
	record.to = to->text;
	record.orig_to = to->text != to->typed ? to->typed : NULL;
	record.policy = d->input.policy;
	record.verdict = verdict;
	record.input = &d->input;
	record.ms = clock_ms() - to->began;
	record.quiet |= is_told(s);
	outlets_write(s->shared->store, s->shared->tails, s->conf, &record);
	if (reply_needed(verdict->action))
		s->passed.refused = true;
	else
		passed_add(&s->passed, is_told(s) ? NULL : ref, verdict->action);
	return verdict->action;
}

enum action
session_greet(struct session *s, struct reply *reply)
{
	struct recipient nobody = {.began = clock_ms()};
	struct decision d;

	if (s->free)
		return ACTION_PASS;
	decision_begin(&d, &s->client, &nobody.box);
	if (!d.input.policy->drop_at_connect)
		return ACTION_PASS;
	d.input.spf = SPF_NONE; /* there is no sender to be checked */
	decision_reach(&d, &s->client);
	if (d.verdict.action != ACTION_DROP)
		return ACTION_PASS;
	d.verdict.spf = SPF_UNCHECKED;
	pronounce(s, &nobody, &d, reply);
	if (reply->code[0] == '4')
		reply->n = 1; /* of more lines Sendmail would make "try again" at MAIL */
	return ACTION_DROP;
}

static void
note(struct session *s, bool forges_helo, const char *typed, enum own_outcome outcome)
{
	if (s->conf->own.enabled && !s->watchdog && !is_by_policy(s))
		sighting_keep(s->shared->local_store, &s->client,
		    attempts_note(
			s->shared->own, &s->client, &s->server, forges_helo, typed, outcome),
		    typed);
}

/* Evidence of a recipient, an argument of RCPT as it was typed. */
static void
note_attempt(struct session *s, const char *typed, enum own_outcome outcome)
{
	note(s, s->helo == ATTEMPTS_HELO_US, typed, outcome);
}

/* Evidence of a HELO with a domain of ours, once SPF has been asked, if it is at all. */
static void
note_helo(struct session *s, const char *typed)
{
	if (s->helo == ATTEMPTS_HELO_DOMAIN && !attempts_helo_is_vouched(&s->client))
		note(s, true, typed, OWN_REFUSED);
}

/* If it was a trap: that is judged when nothing that follows can tell which one it was. */
static void
note_trap(struct session *s, const char *typed, const char *ref, bool deferred)
{
	if (s->conf->own.enabled && !s->watchdog &&
	    trapped_note(&s->trapped, s->conf->traps, typed, &s->client, ref, deferred))
		s->passed.trapped = true;
}

bool
session_is_refused(const struct session *s, const struct envelope_path *to)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;

	if ((s->agreed & SESSION_SEES_REFUSED) == 0)
		return false;
	if (to->mailer == NULL && !s->watchdog && !atomic_flag_test_and_set(&told))
		log_event(LOG_LEVEL_WARNING, "probes-unseen", "missing", "{rcpt_mailer}");
	return to->mailer != NULL && strcmp(to->mailer, "error") == 0;
}

void
session_refused(struct session *s, const struct envelope_path *path, const char *code)
{
	struct envelope_path own = fresh(s, path, &s->last_to);

	s->passed.refused = true;
	if (s->free)
		return;
	note_trap(s, path->typed, "", code != NULL && code[0] == '4');
	if (s->refused++ < REFUSED_MAX)
		note_attempt(s, path->typed, own_outcome(code, own.resolved));
}

/* The next milder step, where the MTA cannot hold a mail. */
static void
let_go(struct verdict *verdict, const struct policy *policy)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	bool deferred = policy->defer > 0 && verdict->score >= policy->defer;

	verdict->action = deferred ? ACTION_DEFER : ACTION_TAG;
	if (!atomic_flag_test_and_set(&told))
		log_event(LOG_LEVEL_WARNING, "cannot-hold", "why", "not-offered");
}

enum action
session_rcpt(struct session *s, const struct envelope_path *path, struct reply *reply)
{
	struct envelope_path own = fresh(s, path, &s->last_to);
	struct recipient to = {.typed = path->typed, .began = clock_ms()};
	struct decision d;
	enum action action;

	if (s->free)
		return ACTION_PASS;
	note_attempt(s, path->typed, OWN_TAKEN);
	envelope_read(&to.box, s->conf->mta, &own, &to.text);
	decision_begin(&d, &s->client, &to.box);
	if (is_by_policy(s))
		d.before = strlen(path->typed) + strlen(SAID_BEFORE);
	decision_reach(&d, &s->client);
	decision_spend(&d, &s->client, &to.box);
	note_helo(s, path->typed);
	if (d.verdict.action == ACTION_QUARANTINE && (s->agreed & SESSION_MAY_HOLD) == 0)
		let_go(&d.verdict, d.input.policy);
	if (d.verdict.softened && d.verdict.action == ACTION_DEFER)
		client_note_deferral(&s->client, &d.input);
	s->good = s->good || s->client.authenticated || trusted(&d.verdict);
	action = pronounce(s, &to, &d, reply);
	note_trap(s, path->typed, s->ref, reply_needed(action) && reply->code[0] == '4');
	return action;
}

void
session_field(struct session *s, const char *name, const char *value)
{
	if (s->message != NULL)
		message_note(s->message, receiver(s), name, value);
}

struct message *
session_message(struct session *s)
{
	return s->message;
}

bool
session_is_forged(const struct session *s, struct reply *reply)
{
	const struct client *c = &s->client;
	char address[IPADDR_STRLEN], from[TRAPS_SHOWN_SIZE];
	struct logline line;

	if (s->message == NULL || !message_is_forged(s->message, reply))
		return false;
	logline_event(&line, "forged-fields");
	logline_str(&line, "client", ipaddr_format(&c->address, address));
	logline_str(&line, "name", c->name);
	logrecord_path(&line, "from", trapped_hide_path(c->from, s->conf->traps, from));
	logline_str(&line, "refs", s->passed.refs);
	logline_end(&line, LOG_LEVEL_WARNING);
	return !s->conf->shadow;
}

void
session_taken(struct session *s, const char *queue_id)
{
	const struct passed *passed = &s->passed;
	char address[IPADDR_STRLEN], from[TRAPS_SHOWN_SIZE];
	struct logline line;

	if (passed->recipients == 0 || s->watchdog)
		return;
	if (!passed->refused && !passed->trapped && !is_by_policy(s))
		own_message(s->shared->own, &s->client.address);
	logline_event(&line, "message");
	logline_str(&line, "qid", queue_id);
	logline_str(&line, "action", action_name(passed->worst));
	logline_str(&line, "client", ipaddr_format(&s->client.address, address));
	logrecord_path(&line, "from", trapped_hide_path(s->client.from, s->conf->traps, from));
	logline_num(&line, "recipients", passed->recipients);
	logline_str(&line, "refs", passed->refs);
	logline_end(&line, LOG_LEVEL_INFO);
}

void
session_abort(struct session *s)
{
	if (!s->free)
		(void)client_mail(&s->client, NULL, NULL);
	clear_message(s);
}

void
session_close(struct session *s)
{
	struct trapped_listeners to;

	if (s == NULL)
		return;
	to = (struct trapped_listeners){s->shared->own, s->shared->local_store};
	if (s->good)
		vouched_tell(s->shared->health, &s->client);
	milterclients_remove(&s->connection);
	trapped_end(&s->trapped, s->conf->traps, &to, &s->client);
	client_clear(&s->client);
	message_free(s->message);
	attempts_server_clear(&s->server);
	conf_unref(&s->conf);
	free(s->receiver);
	free(s);
	limit_leave(LIMIT_SESSIONS);
}
