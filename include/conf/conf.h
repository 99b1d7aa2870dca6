/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/conf.h - the configuration: files into one immutable snapshot.
 *
 * A snapshot is shared by reference and never changes: a session keeps the one
 * it began with.  Wings below get the options that they declare themselves.
 */
#ifndef RELAYGUARD_CONF_H
#define RELAYGUARD_CONF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/domainset.h"
#include "base/envelope.h"
#include "base/nat64.h"
#include "conf/localset.h"
#include "conf/pagerules.h"
#include "health/health.h"
#include "lists/listing.h"
#include "own/options.h"
#include "own/watched.h"
#include "redis/redis.h"
#include "store/store.h"
#include "verdict/asking.h"
#include "verdict/policy.h"

/* The control sockets: paths, and groups that may connect; each may be NULL. */
struct control_options {
	char *socket, *group;
	char *status, *status_group;
	char *page, *page_group;
	char *metrics; /* an address and a port of loopback */
};

struct places;
struct traps;

/* Where words of these sections are written. */
struct conf_places {
	struct places *root, *deny;
};

struct conf {
	atomic_uint refs;
	char *listen;         /* as libmilter wants it: "inet:8891@127.0.0.1", "unix:/path" */
	char *listen_postfix; /* the same as Postfix wants it: "inet:127.0.0.1:8891" */
	char *listen_path;    /* of a unix socket, or NULL */
	char *policy;      /* where Postfix's policy delegation is served, as Postfix wants */
	char *policy_path; /* it; the path of a unix socket; each may be NULL */
	unsigned socket_mode; /* of a unix socket */
	char *socket_group;   /* its group, or NULL */
	char *user, *group;   /* to run as, or NULL */
	char *pid_file;       /* or NULL */
	struct control_options control;
	struct store_options store;
	struct own_options own;
	struct page_options page;
	struct watch_options watch;
	char *path;   /* of the file: lines that have no other file are of this one */
	char *known;  /* of the registry, or NULL */
	char sum[9];  /* checksum of the file, to tell whether it is another one */
	bool sandbox; /* give up what is not needed */
	bool shadow;  /* mode = "shadow" */
	enum mta mta;
	char *authserv_id; /* in Authentication-Results; NULL: what the MTA is called */
	struct network nat64[NAT64_MAX];
	size_t nnat64;
	int64_t deadline_ms;   /* from connect until a client has its answer */
	unsigned lines;        /* of a reply, at most: 1 or 3 */
	unsigned max_sessions; /* at once; 0: what suits, as for lookups */
	unsigned max_lookups;
	unsigned max_network4; /* addresses a minute that lists are asked about, of a */
	unsigned max_network6; /* network of IPv4, and of IPv6; 0: no limit */
	size_t memory;         /* bytes of the memory cache */
	bool use_redis;
	struct redis_options redis;
	char *servers[SERVERS_MAX + 1]; /* of DNS; the first NULL: /etc/resolv.conf */
	struct health_options health;
	unsigned spf_processes;
	struct roster *roster; /* the lists that any policy names */
	struct roster *tested; /* these, and those that are asked about what is watched */
	struct policies *policies;
	struct asking asking;
	bool marks;                        /* some policy writes headers */
	bool quarantines;                  /* some policy holds mail */
	char *category_text[CATEGORY_MAX]; /* own texts, or NULL: after those of policy,
					    * answer and list */
	struct localset allow, deny;
	struct domainset *allow_senders; /* believed where SPF says pass */
	struct domainset *allow_hosts;   /* believed where the name has the address */
	struct traps *traps;             /* or NULL */
	char **files;                    /* that were read besides the two of conf_load() */
	size_t nfiles;
	char *deny_removal; /* template of a URL for those in deny, or NULL */
	char *texts;        /* the folder of own texts, or NULL */
	struct conf_places places;
};

/*
 * Read the registry of known lists (left out if it is NULL), then the file,
 * and check both.  Every mistake is one line "file:line: what" on errors; with
 * one or more the result is NULL.  Warnings go there too.  The data of lists is read
 * that was not read before (data/datafeeds.h).  May block on files.
 */
struct conf *conf_load(const char *registry, const char *path, FILE *errors);

/* The same for who has no use of lists' data, which is not read, however much it is. */
struct conf *conf_load_without_data(const char *registry, const char *path, FILE *errors);

struct conf *conf_ref(struct conf *);
void conf_unref(struct conf **); /* clears the pointer */

/* Whether its file holds another text now than it did, or cannot be read.  May block on it. */
bool conf_is_changed(const struct conf *);

/* The running snapshot: make it another one (takes over the caller's
 * reference; NULL: none), or take a reference of it.  Any thread. */
void conf_install(struct conf *);
struct conf *conf_current(void);

/* Call fn with every keyword of the file, "section.keyword", in order. */
void conf_keywords(void (*fn)(const char *keyword));

#endif
