/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/localfile.h - the SQLite file of the own list, local.db: tables "entries" and "reasons"
 * (own/locallist.h), "hits" and "counts" (what the evidence is), and "audit" (who has listed,
 * nominated and removed).  Blocks on files.  An open file is used by one thread at a time;
 * other processes may read it meanwhile.
 */
#ifndef RELAYGUARD_OWN_LOCALFILE_H
#define RELAYGUARD_OWN_LOCALFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/random.h"
#include "own/locallist.h"
#include "store/database.h"

#define LOCALFILE_NAME "local.db"
#define LOCAL_HITS 8                  /* that are kept of a client, the last ones */
#define LOCALFILE_HITS_MAX 131072     /* that are kept of all */
#define LOCALFILE_AUDIT_MAX 131072    /* rows */
#define LOCALFILE_AUDIT_KEEP 31622400 /* seconds: 366 days */
#define LOCALFILE_READ_MAX 1000       /* rows of the audit of one client that are read */

/* One thing that a client was seen to do; texts as they came, cut where they are longer. */
struct local_hit {
	int64_t time; /* in clock_wall() */
	struct ipaddr client;
	enum local_reason reason;
	char what[40]; /* the form of a recipient, or the id of a trap: never its address */
	char name[80]; /* of the client in DNS, or empty */
	char helo[80];
	char sender[128];
	char ref[REF_LEN + 1]; /* of the decision, or empty */
};

/* What was done about a client. */
enum local_deed {
	LOCAL_DEED_LISTED,    /* by a rule, or by nominations that suffice */
	LOCAL_DEED_NOMINATED, /* an operator has said so */
	LOCAL_DEED_REMOVED,
	LOCAL_DEED_HELD, /* it will be */
	LOCAL_DEEDS
};

/* "listed", "nominated", "removed", "held". */
const char *local_deed_name(enum local_deed);

#define LOCAL_BY_SIZE 40
#define LOCAL_WHY_SIZE 1001 /* of what a form of relayguard-web takes */
#define LOCAL_EVIDENCE_SIZE 2049

struct local_audit {
	int64_t time;
	struct ipaddr client;
	enum local_deed deed;
	char reason[16];                    /* what for, or empty */
	char rule[LOCAL_RULE_SIZE];         /* by which, or empty */
	char by[LOCAL_BY_SIZE];             /* who */
	char why[LOCAL_WHY_SIZE];           /* in his words */
	char evidence[LOCAL_EVIDENCE_SIZE]; /* of a nomination, or empty */
	int64_t until;                      /* 0: that goes by the rule */
	char version[24];                   /* of relayguard */
};

/* How often a client was seen to do what. */
struct local_count {
	enum local_reason reason;
	int64_t hits, first, last;
};

struct localfile;

/*
 * Open the file of a folder, and make it if it is not there; NULL: in memory alone.  NULL:
 * *fault says what it is, and *error, in SQLite's words, why.
 */
struct localfile *localfile_open(
    const char *folder, enum database_fault *fault, const char **error);
void localfile_close(struct localfile *);

/* Whether an open file is still the one of its folder; one that is in memory alone is. */
bool localfile_is_there(const struct localfile *, const char *folder);

/* Rename a file that is none any more to local.db.corrupt, for somebody to look at. */
void localfile_set_aside(const char *folder);

/* A transaction: begin, put, and end it, which of a fault makes nothing of all and returns it. */
enum database_fault localfile_begin(struct localfile *, const char **error);
enum database_fault localfile_put(
    struct localfile *, const struct local_entry *, const char **);
enum database_fault localfile_hit(struct localfile *, const struct local_hit *, const char **);
enum database_fault localfile_audit(
    struct localfile *, const struct local_audit *, const char **);

/* The same of what may be there already, as another node has said it and may say again: within so
 * many seconds, by the same one; *is_new: it was not. */
#define LOCALFILE_AGAIN_S 60
enum database_fault localfile_audit_once(
    struct localfile *, const struct local_audit *, bool *is_new, const char **);
enum database_fault localfile_end(struct localfile *, enum database_fault, const char **);

/* Forget hits of who was listed last LOCAL_KEEP_S ago, and what is too much or too old. */
enum database_fault localfile_expire(struct localfile *, int64_t now, const char **error);

/* Erase all but the entry of a client, so that no byte of it is left; how many rows it was. */
enum database_fault localfile_forget(
    struct localfile *, const struct ipaddr *client, unsigned *rows, const char **error);

/* Read all entries; what no version of ours has written is left out. */
enum database_fault localfile_load(struct localfile *,
    void (*fn)(void *arg, const struct local_entry *), void *arg, const char **error);

/* Who is told what there is. */
struct local_reader {
	void (*hit)(void *arg, const struct local_hit *);
	void (*count)(void *arg, const struct local_count *);
	void (*audit)(void *arg, const struct local_audit *);
	void *arg;
};

/* Tell what there is of a client, the last first. */
enum database_fault localfile_hits(struct localfile *, const struct ipaddr *client,
    const struct local_reader *, const char **error);
enum database_fault localfile_counts(struct localfile *, const struct ipaddr *client,
    const struct local_reader *, const char **error);

/* The same of all, so many at most, where client is NULL; requests: what people asked for, where
 * of nominations without evidence there are the last ones, and none where there is a client. */
enum database_fault localfile_audits(struct localfile *, const struct ipaddr *client,
    bool requests, unsigned max, const struct local_reader *, const char **error);

#endif
