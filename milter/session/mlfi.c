/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/mlfi.c - the callbacks that libmilter calls, each handing on to the session.
 * Any of them may come first, last, alone, and on any thread; a connection
 * without a session is let through.
 */
#include "config.h"

#include "session/mlfi.h"

#include <libmilter/mfapi.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/ipaddr.h"
#include "base/limit.h"
#include "base/log.h"
#include "conf/conf.h"
#include "loop/throttle.h"
#include "loop/workers.h"
#include "os/socketspec.h"
#include "session/session.h"
#include "verdict/message.h"

#define POKE_US 20000 /* between two attempts to wake the listener */
#define FIELD_PLACE 1 /* below what the MTA itself writes */
#define BACKLOG 1024  /* of connections not yet accepted: one too many waits a second */

/* The steps that nobody here asks for; every one left out is a round trip less. */
#define STEPS_UNWANTED \
	(SMFIP_NOBODY | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NODATA | SMFIP_NOUNKNOWN)

/* libmilter passes no argument of ours to the first callback. */
static struct session_shared *sessions;

/* What a connection has in the place of a session from negotiation to connect: one of these,
 * for what was agreed on (enum session_agreed). */
static char agreements[(SESSION_MAY_HOLD | SESSION_SEES_REFUSED) + 1];

/* What may become of a message; as the MTA allows.  One that is held is marked as well. */
static unsigned long
actions_wanted(const struct conf *conf, unsigned long offered)
{
	unsigned long wanted = SMFIF_SETSYMLIST | (conf->quarantines ? SMFIF_QUARANTINE : 0);

	if (conf->marks || conf->quarantines)
		wanted |= SMFIF_ADDHDRS | SMFIF_CHGHDRS;

	return wanted & offered;
}

/* Ask for the macros that are read at connect: each one costs. */
static void
ask_at_connect(SMFICTX *ctx, const struct conf *conf)
{
	/* By whether the address is read that the client has come to, and our own name. */
	static char lists[2][2][sizeof("v j {daemon_addr} {if_addr}")] = {
	    {"v", "v j"}, {"v {daemon_addr} {if_addr}", "v j {daemon_addr} {if_addr}"}};
	bool own = conf->own.enabled, name = own || conf->marks || conf->quarantines;

	smfi_setsymlist(ctx, SMFIM_CONNECT, lists[own || conf->policy != NULL][name]);
}

/* Ask for the macros that are read here, whatever the MTA sends by default: the id in the
 * queue twice, as Postfix has none at MAIL, and Sendmail hears nothing of the end. */
static void
ask_for_macros(SMFICTX *ctx, const struct conf *conf)
{
	static char mail[] = "i {auth_type} {auth_authen} {mail_addr} {mail_mailer}",
		    rcpt[] = "{rcpt_addr} {rcpt_mailer}",
		    refused[] = "{rcpt_addr} {rcpt_mailer} {rcpt_host}", end[] = "i";

	ask_at_connect(ctx, conf);
	smfi_setsymlist(ctx, SMFIM_ENVFROM, mail);
	smfi_setsymlist(ctx, SMFIM_ENVRCPT, conf->own.enabled ? refused : rcpt);
	smfi_setsymlist(ctx, SMFIM_EOM, end);
}

/* What was agreed on, while there is no session; -1: there is one, or nobody has asked. */
static int
agreed_of(const void *priv)
{
	for (size_t i = 0; i < sizeof(agreements); i++)
		if (priv == &agreements[i])
			return (int)i;
	return -1;
}

static struct session *
session_of(SMFICTX *ctx)
{
	void *priv = smfi_getpriv(ctx);

	return agreed_of(priv) < 0 ? priv : NULL;
}

/*
 * Connect is not among the steps without reply: Postfix would hold it back
 * until it needs an answer, and the lists would be asked too late.
 */
static sfsistat
mlfi_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2,
    unsigned long f3, unsigned long *our_actions, unsigned long *our_steps,
    unsigned long *our_f2, unsigned long *our_f3)
{
	struct conf *conf = conf_current();
	unsigned agreed = 0;

	(void)throttle_check_now(); /* here, for many connections never come any further */
	(void)f2;
	(void)f3;
	*our_actions = actions_wanted(conf, actions);
	if ((*our_actions & SMFIF_SETSYMLIST) != 0)
		ask_for_macros(ctx, conf);
	session_close(session_of(ctx)); /* never one, of an MTA we know */
	/* An old MTA sends headers all the same: libmilter answers those for us. */
	*our_steps = (STEPS_UNWANTED & steps) | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_HDR;
	if ((*our_actions & SMFIF_CHGHDRS) != 0)
		*our_steps &= ~(unsigned long)SMFIP_NOHDRS;
	if (conf->own.enabled) /* a round trip for each recipient that the MTA refuses */
		*our_steps |= steps & SMFIP_RCPT_REJ;
	agreed |= (*our_actions & SMFIF_QUARANTINE) != 0 ? SESSION_MAY_HOLD : 0;
	agreed |= (*our_steps & SMFIP_RCPT_REJ) != 0 ? SESSION_SEES_REFUSED : 0;
	smfi_setpriv(ctx, &agreements[agreed]);
	*our_f2 = 0;
	*our_f3 = 0;
	conf_unref(&conf);
	return SMFIS_CONTINUE;
}

/* The value of a macro, or NULL. */
static const char *
macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, (char *)(uintptr_t)name);
}

/* Nobody is refused without a word: if the text cannot be set, the mail passes. */
static sfsistat
answer(SMFICTX *ctx, enum action action, struct reply *r)
{
	char *line[REPLY_LINES];

	if (!reply_needed(action))
		return SMFIS_CONTINUE;
	for (unsigned i = 0; i < REPLY_LINES; i++)
		line[i] = i < r->n ? r->line[i] : NULL;
	if (smfi_setmlreply(ctx, r->code, r->enhanced, line[0], line[1], line[2], NULL) !=
	    MI_SUCCESS) {
		log_event(LOG_LEVEL_ERROR, "reply-failed", "line", line[0]);
		return SMFIS_CONTINUE;
	}
	return r->code[0] == '4' ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

/* The address that a client has come to; Sendmail's other macro is where it listens. */
static const char *
server_address(SMFICTX *ctx)
{
	const char *address = macro(ctx, "{if_addr}");

	return address != NULL ? address : macro(ctx, "{daemon_addr}");
}

/* The port of a client; 0: not known. */
static uint16_t
port_of(const struct sockaddr *sa)
{
	switch (sa != NULL ? sa->sa_family : AF_UNSPEC) {
	case AF_INET:
		return ntohs(((const struct sockaddr_in *)(const void *)sa)->sin_port);
	case AF_INET6:
		return ntohs(((const struct sockaddr_in6 *)(const void *)sa)->sin6_port);
	default:
		return 0;
	}
}

static sfsistat
greet(SMFICTX *ctx, struct session *s, const struct milterclients_key *key)
{
	struct reply reply;

	if (session_is_accepted(s))
		return SMFIS_ACCEPT;
	if (session_wants_connection(s))
		session_connection(s, key);
	if (session_wants_receiver(s))
		session_receiver(s, macro(ctx, "j"));
	if (session_wants_server(s))
		session_server(s, macro(ctx, "j"), server_address(ctx));
	return answer(ctx, session_greet(s, &reply), &reply);
}

static sfsistat
mlfi_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *sa)
{
	struct ipaddr addr;
	struct milterclients_key key;
	int agreed = agreed_of(smfi_getpriv(ctx));
	struct session *s;

	if (throttle_check_now() >= SHORTAGE_HERE) {
		limit_turn_away(LIMIT_FILES);
		return SMFIS_ACCEPT; /* the server leaves, and there is room again */
	}
	if (!ipaddr_from_sockaddr(&addr, (const struct sockaddr *)sa) &&
	    !session_is_watchdog(sessions, name))
		counter_add(COUNTER_MTA_GARBAGE);
	s = session_new(sessions, &addr, name, agreed > 0 ? (unsigned)agreed : 0);
	/* No MTA we know connects twice, but a session must not be lost by it. */
	session_close(session_of(ctx));
	smfi_setpriv(ctx, s);
	if (s == NULL)
		return SMFIS_ACCEPT;
	key = milterclients_key(
	    &addr, port_of((const struct sockaddr *)sa), macro(ctx, "{daemon_addr}"));
	return greet(ctx, s, &key);
}

static sfsistat
mlfi_helo(SMFICTX *ctx, char *helo)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_helo(s, helo);
	return SMFIS_NOREPLY;
}

/* Who has logged in; empty: somebody whose name the MTA does not say; NULL: nobody. */
static const char *
user_of(SMFICTX *ctx)
{
	const char *user = macro(ctx, "{auth_authen}"), *type = macro(ctx, "{auth_type}");

	if (user != NULL && user[0] != '\0')
		return user;
	return type != NULL && type[0] != '\0' ? "" : NULL;
}

static sfsistat
mlfi_mail(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);
	const struct envelope_path from = {
	    argv[0], macro(ctx, "{mail_addr}"), macro(ctx, "{mail_mailer}"), macro(ctx, "v")};

	if (s != NULL)
		session_mail(s, &from, user_of(ctx));
	return SMFIS_NOREPLY;
}

/* Of a recipient that is refused any other answer would count for those that follow: an
 * accept would let them through unseen. */
static sfsistat
mlfi_rcpt(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);
	const struct envelope_path to = {
	    argv[0], macro(ctx, "{rcpt_addr}"), macro(ctx, "{rcpt_mailer}"), macro(ctx, "v")};
	struct reply reply;
	enum action action;

	if (s == NULL || session_is_accepted(s))
		return SMFIS_CONTINUE;
	if (session_is_refused(s, &to)) {
		session_refused(s, &to, macro(ctx, "{rcpt_host}"));
		return SMFIS_CONTINUE;
	}
	action = session_rcpt(s, &to, &reply);
	return session_message_is_accepted(s) ? SMFIS_ACCEPT : answer(ctx, action, &reply);
}

static sfsistat
mlfi_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_field(s, name, value);
	return SMFIS_NOREPLY;
}

static void
note_failure(int result, const char *what)
{
	if (result != MI_SUCCESS)
		log_event(LOG_LEVEL_ERROR, "change-failed", "what", what);
}

static void
write_field(SMFICTX *ctx, const char *name, const char *value)
{
	if (value != NULL)
		note_failure(smfi_insheader(ctx, FIELD_PLACE, (char *)(uintptr_t)name,
				 (char *)(uintptr_t)value),
		    name);
}

/* Nothing forged stays; what is ours comes on top. */
static void
change(SMFICTX *ctx, struct message *message)
{
	const char *name, *why = message_why(message);
	uint32_t number;

	while (message_take_forged(message, &name, &number))
		note_failure(
		    smfi_chgheader(ctx, (char *)(uintptr_t)name, (int)number, NULL), name);
	write_field(ctx, HEADER_OWN, message_own(message));
	write_field(ctx, HEADER_RESULTS, message_results(message));
	if (why != NULL)
		note_failure(smfi_quarantine(ctx, (char *)(uintptr_t)why), "quarantine");
}

static sfsistat
mlfi_eom(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);
	struct reply reply;

	if (s == NULL)
		return SMFIS_CONTINUE;
	if (session_is_forged(s, &reply))
		return answer(ctx, ACTION_REFUSE, &reply);
	if (session_message(s) != NULL)
		change(ctx, session_message(s));
	session_taken(s, macro(ctx, "i"));
	return SMFIS_CONTINUE;
}

/* Comes after a message that was broken off, and after RSET. */
static sfsistat
mlfi_abort(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_abort(s);
	return SMFIS_CONTINUE;
}

static sfsistat
mlfi_close(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);

	if (s == NULL)
		workers_report();
	session_close(s);
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

bool
mlfi_open(const char *listen, struct session_shared *shared)
{
	static char name[] = "relayguard";
	struct smfiDesc callbacks = {
	    .xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_connect = mlfi_connect,
	    .xxfi_helo = mlfi_helo,
	    .xxfi_envfrom = mlfi_mail,
	    .xxfi_envrcpt = mlfi_rcpt,
	    .xxfi_header = mlfi_header,
	    .xxfi_eom = mlfi_eom,
	    .xxfi_abort = mlfi_abort,
	    .xxfi_close = mlfi_close,
	    .xxfi_negotiate = mlfi_negotiate,
	};
	struct logline line;
	int error;

	sessions = shared;
	errno = 0;
	if (smfi_setconn((char *)(uintptr_t)listen) == MI_SUCCESS &&
	    smfi_register(callbacks) == MI_SUCCESS && smfi_setbacklog(BACKLOG) == MI_SUCCESS &&
	    smfi_opensocket(true) == MI_SUCCESS)
		return true;
	error = errno; /* what the system has told libmilter, which says more to syslog */
	logline_event(&line, "cannot-listen");
	logline_str(&line, "socket", listen);
	logline_words(&line, "error", error != 0 ? strerror(error) : "see what libmilter says");
	logline_end(&line, LOG_LEVEL_ERROR);
	return false;
}

/*
 * libmilter waits for SIGHUP, SIGINT and SIGTERM in a thread of its own, takes
 * each for a reason to stop, and cannot be told to leave them alone; when many
 * come at once, the kernel hands it some.  It calls this in the place of
 * sigwait(3), and nobody else does: it waits, and nothing ever comes.
 */
int
sigwait(const sigset_t *set, int *number)
{
	(void)set;
	(void)number;
	for (;;)
		pause();
}

bool
mlfi_serve(void)
{
	return smfi_main() == MI_SUCCESS;
}

static void *
stop_libmilter(void *arg)
{
	smfi_stop();
	atomic_store((atomic_bool *)arg, true);
	return NULL;
}

/*
 * smfi_stop() waits for the lock that the listener holds while it polls, up to
 * five seconds: a connection of our own ends the poll.
 */
void
mlfi_stop(const char *listen)
{
	static atomic_bool stopped;
	pthread_t thread;

	if (pthread_create(&thread, NULL, stop_libmilter, &stopped) != 0) {
		smfi_stop();
		return;
	}
	while (!atomic_load(&stopped) && socketspec_poke(listen))
		usleep(POKE_US);
	pthread_join(thread, NULL);
}
