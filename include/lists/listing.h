/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/listing.h - a DNS list, and what its answers mean.  Pure but for the
 * reference count.  Objects are built by conf/conf.c and never change afterwards.
 */
#ifndef RELAYGUARD_LISTS_LISTING_H
#define RELAYGUARD_LISTS_LISTING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"
#include "lists/category.h"
#include "lists/codes.h"
#include "lists/evidence.h"
#include "lists/subject.h"

#define ANSWERS_MAX 64 /* of one list */
#define LISTS_MAX 64   /* of one configuration: a bit each in a listset */
#define SERVERS_MAX 8  /* of one list, or of the whole */
#define SCORE_MAX 1000 /* of an answer, either way */

/* A line of the configuration, or of the registry of known lists; 0: it says nothing. */
struct listing_place {
	unsigned line;
	bool known; /* it is of the registry */
};

/*
 * One row of a list's table.  It speaks where a record is one of its codes; where it
 * is alone, only if all records are; and never if a record is one of unless.
 */
struct answer {
	struct codes codes;
	enum category category;
	int score;  /* negative: speaks for the client */
	char *name; /* who says so, where it is not the list's name; or NULL */
	char *text; /* own first line of the refusal, or NULL */
	struct listing_place score_at, text_at;
	bool alone;
	unsigned nunless;
	struct codes *unless; /* known codes, which say nothing by themselves */
};

#define CANARY_NETS_MAX 4 /* of one list */

/* What a list holds. */
enum list_kind {
	KIND_ADDRESS, /* addresses that it speaks against, or for */
	KIND_DOMAIN,  /* names, and no address is ever asked of it */
	KIND_ALLOW    /* addresses that it speaks for alone */
};

/* How much one entry covers: the innocent, too, where it is more than an address. */
enum scope { SCOPE_ADDRESS, SCOPE_RANGE, SCOPE_PROVIDER };

/* How a list gets its entries: what one entry is worth as evidence. */
enum origin {
	ORIGIN_UNKNOWN,
	ORIGIN_TRAPS,    /* mail to addresses that nobody has */
	ORIGIN_TESTS,    /* each address was tested */
	ORIGIN_REPORTS,  /* anybody may report, and nobody checks: no evidence alone */
	ORIGIN_RESEARCH, /* people who look into each case */
	ORIGIN_OWNERS    /* those whose network it is say so */
};

struct list_usage;
struct datafeed;

struct listing {
	char *label; /* what people see: logs, Redis keys */
	char *name;  /* who says so, in a refusal */
	char *zone;  /* what DNS sees; may hold a key: for queries alone */
	bool keyed;  /* it does */
	enum list_kind kind;
	enum role role;
	bool registered; /* a name is asked by its registered domain */
	enum scope scope;
	enum origin origin;
	unsigned free_queries; /* a day, by its terms; 0: not known */
	bool public_resolvers; /* it answers them */
	bool sum;              /* the scores of all rows that speak are added up */
	bool
	    own; /* it is of our own evidence (own/locallist.h), and nobody is asked; no zone */
	bool shadow;     /* its word is logged, and counts for nothing */
	bool seldom;     /* no policy names it: it is asked about what is watched alone */
	bool ipv4, ipv6; /* which addresses it is asked about, */
	bool private;    /* and whether those, too, that are not global */
	char *removal;   /* template of the URL where one gets off, or NULL */
	char *text;      /* own first line of the refusal, or NULL */
	char *servers[SERVERS_MAX + 1]; /* own DNS servers; the first NULL: the common ones */
	unsigned nanswers;
	struct answer *answers;
	/* Its entries are in files here (data/datafeed.h), with a reference, which data_drop()
	 * gives back; NULL: it is asked in DNS alone.  A list with data may have no zone: "". */
	struct datafeed *data;
	void (*data_drop)(struct datafeed **);
	bool suffixes;     /* of names: that may list all below a public suffix */
	uint32_t tag;      /* of the zone without its key: in Redis keys, beside the label */
	uint32_t id;       /* the same for the same label and zone as long as we run */
	bool test_entry;   /* 127.0.0.2 is on it, as RFC 5782 wants, or test_listed */
	char *test_listed; /* of a list of names: one that is on it, and one that is not; */
	char *test_clear;  /* NULL: "test" and "invalid" (RFC 5782, 5) */
	unsigned ncanaries;
	struct network canary[CANARY_NETS_MAX]; /* where its canaries are drawn from, if
						    * not where they usually are (health/canary.h) */
	atomic_uint *state;      /* enum list_state; belongs to the id, never freed */
	atomic_uint *data_state; /* the same of its data: the very same where it has no zone */
	atomic_bool *held; /* an administrator has suspended it; of the id, too; or NULL */
	struct list_usage *usage; /* of the id, as state is; NULL: nobody counts */
	struct listing_place at;  /* where its section begins; its own before the registry's */
	struct listing_place text_at, removal_at, data_at;
	bool text_file;  /* its text is in a file of the folder of texts */
	int best, worst; /* the lowest and highest score it can come to, 0 included */
};

/* Fill in best and worst from the answers, when these are all there. */
void listing_seal(struct listing *);

/*
 * Whether a list is believed.  Set on the I/O thread (health/health.h), read by any;
 * shared by all listings of the same id.
 */
enum list_state {
	LIST_NEW,        /* not tested yet: a refusal that needs it is put off */
	LIST_GOOD,       /* its tests pass: its word counts */
	LIST_RESTORED,   /* the same, but what is kept of its listings may be a lie */
	LIST_DOUBTED,    /* being tested again: a refusal that needs it is put off */
	LIST_RECOVERING, /* was suspended, and passes tests again: as in doubt, but what is
			      * kept of its listings may be a lie */
	LIST_SILENT,     /* has not answered for long: nobody asks it; a refusal by what it
			      * said before is put off */
	LIST_SUSPENDED   /* caught lying, or empty: its word counts for nothing */
};

enum list_state listing_health(const struct listing *);

/* Whether an administrator has suspended it. */
bool listing_is_held(const struct listing *);

/* The state by which its word is weighed: LIST_SUSPENDED where it is held, whatever its
 * health is; the same of the word of its data. */
enum list_state listing_state(const struct listing *);
enum list_state listing_data_state(const struct listing *);

/* That of the one or the other, by where a fact of it comes from: whether DNS answers, and what,
 * does not matter to what is known from data. */
enum list_state listing_fact_state(const struct listing *, const struct fact *);

/* What people call a state: "new", "good", "doubted", "silent" or "suspended". */
const char *list_state_name(enum list_state);

/* How long after its word counts again a lie of a list may still be kept. */
#define LISTING_KEPT_MS ((FACT_TTL_LISTED_MAX + FACT_TTL_MARGIN) * (int64_t)1000)

/* Whether a fact may be used that was kept, here or in Redis. */
bool listing_keeps(const struct listing *, const struct fact *);

/* Free a listing and all it holds; NULL is fine. */
void listing_free(struct listing *);

/* Whether nobody is asked what it says: it is of own evidence, or has data and no zone. */
bool listing_is_local(const struct listing *);

/* The name that a list of names is asked about where that is the subject; NULL: there is none
 * that it can hold. */
const char *listing_asked_name(const struct listing *, const struct subject *);

/* Whether the list is to be asked about such a subject: of addresses that are not global, it
 * is only if it has such. */
bool listing_covers(const struct listing *, const struct subject *);

/*
 * Write the name to ask for.  False: it does not fit DNS's 253 bytes.
 */
bool listing_query(const struct listing *, const struct subject *, char *out, size_t size);

/* What was wrong with an answer, at worst. */
enum anomaly {
	ANOMALY_NONE,
	ANOMALY_UNDECLARED, /* a code the table does not have */
	ANOMALY_LOOPBACK,   /* 127.0.0.1, undeclared */
	ANOMALY_ERROR_CODE, /* 127.255.255.0/24: blocked, over quota, mistyped */
	ANOMALY_OUTSIDE     /* not in 127/8: a parked domain, a lying resolver */
};

const char *anomaly_name(enum anomaly);

/*
 * Judge the A records of an answer and fill in state and codes of the fact:
 * FACT_LISTED only if every record is in 127/8, none is an error code or 127.0.0.1 that
 * is not declared, and at least one is declared; FACT_ERROR, without codes, otherwise.
 * *bad gets the record at fault, or 0.  n is 1 or more.
 */
enum anomaly listing_read(
    const struct listing *, const uint32_t *codes, size_t n, struct fact *, uint32_t *bad);

/*
 * What a record counts among too many of an answer: most where it alone decides,
 * as an error, then where the table declares it, then the others.  listing: a
 * struct listing.
 */
uint32_t listing_worth(const void *listing, uint32_t code);

/* Whether the table knows a code: a row, or what one is not to count with. */
bool listing_declares(const struct listing *, uint32_t code);

/*
 * The row by which a fact speaks: of those that speak, the one with the highest score
 * where one is positive, else with the lowest.  *code gets the record that met it.
 * NULL: no row speaks.
 */
const struct answer *listing_answer(
    const struct listing *, const struct fact *, uint32_t *code);

/*
 * What a fact comes to by which that row speaks: its score, or, of a list that adds
 * them up, that of all rows that speak, each counted once.
 */
int listing_score(const struct listing *, const struct fact *, const struct answer *);

/* The lists of one configuration, in a fixed order; shared by reference. */
struct roster {
	atomic_uint refs;
	unsigned n;
	struct listing *list[LISTS_MAX];
};

/* A set of lists of one roster, bit i for list[i]. */
typedef uint64_t listset;

/* Whether list[i] is in it. */
static inline bool
listset_has(listset set, unsigned i)
{
	return (set >> i & 1) != 0;
}

/* How many there are in it. */
static inline unsigned
listset_count(listset set)
{
	unsigned n = 0;

	for (; set != 0; set &= set - 1)
		n++;
	return n;
}

/* Those of its lists that are asked about that of a client. */
listset roster_of(const struct roster *, enum role);

/* Those that may speak for the address of a client. */
listset roster_trusting(const struct roster *);

/* Those that cover a subject, as listing_covers() has it. */
listset roster_covering(const struct roster *, const struct subject *);

/* Those that are of own evidence, and all that nobody is asked about (listing_is_local()). */
listset roster_own(const struct roster *);
listset roster_local(const struct roster *);

/* Those whose entries are in files here, whether DNS is asked, too, or not. */
listset roster_data(const struct roster *);

/* Whether list i has the label of one before it: it is the same list, in another role. */
bool roster_repeats(const struct roster *, unsigned i);

/* A new, empty roster with one reference; NULL when memory is out. */
struct roster *roster_new(void);
struct roster *roster_ref(struct roster *);

/* Drop a reference and clear the pointer; the last one frees all the lists. */
void roster_unref(struct roster **);

#endif
