/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario.h - the parts of the scenario runner.  A scenario is a text file of
 * directives, one a line; scenario.c reads them and calls these functions, each
 * of which does one directive.  README in tests/scenarios lists them all.
 */
#ifndef RELAYGUARD_SCENARIO_H
#define RELAYGUARD_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/services.h"
#include "session/policytalk.h"

struct conf;
struct loop;
struct timer;

#define CLIENTS_MAX 16
#define NODES_MAX 4
#define DIR_SIZE 64
#define SECRETS_MAX 4

/* A daemon. */
struct node {
	char name[32];
	struct daemon_services services;
	struct timer *stop_timer;
	struct conf *conf; /* while clients come to another one; else NULL */
};

struct guest {
	char name[32];
	struct smfi_str *mta; /* NULL: not connected */
	char user[64];        /* that has logged in; "" nobody */

	/* What it said, for who explains what becomes of it; from: without a message NULL. */
	char address[64], *dns_name, *helo, *from;
	unsigned recipients;    /* of this message so far */
	struct conf *conf;      /* that it came to */
	struct policytalk talk; /* of an smtpd(8) that asks by policy delegation */
	bool macros;            /* the MTA says more of it than the client does */
};

/* What has been written so far, and how far it has been looked at. */
struct paper {
	FILE *stream;
	char *text;
	size_t len, read;
};

struct scenario {
	/* The directive. */
	const char *path;
	unsigned line;
	const char *whole; /* as it stands */
	const char *who;   /* [who] before it, or "" */
	char *rest;        /* what follows the verb, without => */
	const char *want;  /* what follows =>, or NULL */
	char *block;       /* the indented lines below it, a tab less, or "" */

	/* The world. */
	const char *dir;   /* for its files */
	bool cached;       /* this run is the one behind a resolver's cache */
	bool needed;       /* lists are asked as it is needed, where nothing else is said */
	bool silent;       /* in this one only explanations are looked at, ... */
	bool explaining;   /* ... as far as there are any */
	char registry[32]; /* of the configuration, or "" */
	int mta_version;
	bool mta_nameless, mta_holdless, mta_postfix;
	struct node node[NODES_MAX];
	size_t nnodes;
	struct node *here; /* that clients come to; NULL: there is no configuration yet */
	struct loop *loop; /* its */
	struct paper log, errors, replies;

	/* The clients. */
	struct guest client[CLIENTS_MAX];
	size_t nclients;
	struct guest *last; /* that made the last step */
	size_t reply_line;  /* of its last reply, the next to be looked at */
	int64_t took;       /* by the last step */
	char *secret[SECRETS_MAX];
	size_t nsecrets;
};

/* scenario_point.c */

/* Before the first scenario; in a scenario's process, at its end; after each; at last. */
void points_begin(void);
void points_end(void);
void points_join(const char *path, int status);
int points_done(void);

/* One point of the test: the directive under way holds, or what it got instead. */
void check(struct scenario *, bool holds, const char *want, const char *got);

/* The same of a run in which decisions are explained. */
void point(struct scenario *, bool holds, const char *want, const char *got);

/* The scenario itself is wrong: say why and end it. */
void broken(const struct scenario *, const char *why, const char *what)
    __attribute__((noreturn));

/* scenario_text.c */

/* The next word of *text, ended by NUL, or NULL; *text goes on behind it. */
char *next_word(char **text);

/* A word that must be there. */
char *need_word(struct scenario *);

/* \xHH \n \r \t \\ \{text*times} replaced; to be freed. */
char *unescape(const struct scenario *, const char *text);

/* "40ms", "5s", "2m", "1h" in milliseconds. */
int64_t duration(const struct scenario *, const char *text);

/* Whether text is like pattern, in which "..." stands for anything. */
bool like(const char *pattern, const char *text);

/* Whether the words of pattern are in line in this order, whole, each as like() has it. */
bool has_words(const char *pattern, const char *line);

void paper_open(struct paper *);
void paper_close(struct paper *);

/* The next line, to be freed; NULL: none. */
char *paper_line(struct paper *);

/* scenario_services.c */

/* A directory for the files of a scenario. */
void dir_make(char dir[DIR_SIZE]);
void dir_remove(const char *dir);

void daemon_services_open(struct scenario *);
void daemon_services_close(struct scenario *);
void do_conf(struct scenario *);
void do_reload(struct scenario *);
void do_file(struct scenario *);
void do_redis(struct scenario *);
void do_wait(struct scenario *);
void do_stop(struct scenario *);

/* The configuration as it was written last, read again. */
struct conf *daemon_services_load(struct scenario *);

/* scenario_node.c */

/* Start a daemon by a configuration (takes over the reference); clients come to it. */
void node_start(struct scenario *, const char *name, struct conf *);

/* End all of them. */
void nodes_stop(struct scenario *);
void do_restart(struct scenario *);
void do_node(struct scenario *);

/* scenario_dns.c */
void do_dns(struct scenario *);
void do_asked(struct scenario *);

/* scenario_person.c */

struct ipaddr;

/* Whom a list may be asked about: its test entries, and the people of a crowd. */
enum whom { WHOM_ENTRY, WHOM_NO_ENTRY, WHOM_GOOD, WHOM_BAD, WHOM_OTHER };

/* The n-th client of a crowd: good ones and bad ones are in networks of their own. */
void person_address(struct ipaddr *, bool good, bool v6, unsigned n);

/* Whose address this is, of 4 bytes or 16. */
enum whom person_of(const uint8_t *address, bool v6);

/* scenario_list.c */
void do_list(struct scenario *);

/* scenario_resolver.c */

/* Behind a resolver that has a cache, from the start. */
void resolver_cached(void);
void do_resolver(struct scenario *);
void do_reached(struct scenario *);
void do_resolves(struct scenario *);
void do_seed(struct scenario *);

/* scenario_crowd.c */

/* A list, or the resolver, does otherwise from then on. */
void crowd_turn(struct scenario *, int64_t when);

/* Lists are seen by another daemon, or a new one, from now on. */
void crowd_move(void);

/* Let time pass, with those who come again meanwhile. */
void crowd_pass(struct scenario *, int64_t ms);
void crowd_free(void);
void do_traffic(struct scenario *);
void do_suspended(struct scenario *);
void do_restored(struct scenario *);
void do_state(struct scenario *);
void do_tally(struct scenario *);

/* scenario_explain.c */

/* What an explanation says that a recipient of the client would come to; NULL: nobody wants
 * to know, or it is no question. */
char *explain_ask(struct scenario *, const struct guest *, const char *to);

/* One point: that has come (freed), as the log says from there on, where it can be said. */
void explain_compare(
    struct scenario *, const struct guest *, const char *to, size_t log_from, char *said);
void do_unexplained(struct scenario *);

/* scenario_policy.c */
void do_ask(struct scenario *);

/* scenario_client.c */

/* The client of this directive. */
struct guest *client_of(struct scenario *);
void do_mta(struct scenario *);
void do_macro(struct scenario *);
void do_connect(struct scenario *);
void do_helo(struct scenario *);
void do_auth(struct scenario *);
void do_mail(struct scenario *);
void do_rcpt(struct scenario *);
void do_refused(struct scenario *);
void do_field(struct scenario *);
void do_data(struct scenario *);
void do_abort(struct scenario *);
void do_quit(struct scenario *);
void clients_quit(struct scenario *);

/* scenario_expect.c */

/* The same as check(), for a number. */
void check_num(struct scenario *, long long got, const char *want);
void do_reply(struct scenario *);
void do_delivered(struct scenario *);
void do_undelivered(struct scenario *);
void do_held(struct scenario *);
void do_log(struct scenario *);
void do_nolog(struct scenario *);
void do_error(struct scenario *);
void do_took(struct scenario *);
void do_stored(struct scenario *);
void do_counted(struct scenario *);
void do_trips(struct scenario *);
void do_open(struct scenario *);
void do_secret(struct scenario *);
void check_secrets(struct scenario *);

#endif
