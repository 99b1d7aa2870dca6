/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/reason.h - why somebody is refused: one sentence, of which less can be told
 * where there is less room.  Pure.
 */
#ifndef RELAYGUARD_VERDICT_REASON_H
#define RELAYGUARD_VERDICT_REASON_H

#include <stdbool.h>

#include "base/ipaddr.h"
#include "base/strbuf.h"
#include "base/template.h"
#include "verdict/verdict.h"

#define REASON_LINES 2      /* of a text of the configuration */
#define REASON_TEXT_MAX 512 /* bytes of a line of it, filled in, with the NUL */

/* Who is refused, by what, under which reference; all borrowed. */
struct reply_facts {
	const struct ipaddr *client;
	const char *domain_of[ROLES]; /* the names that lists were asked about, or NULL */
	const char *spf_domain;       /* the one whose policy was looked up, or NULL */
	const char *ref;              /* of REF_LEN bytes */
	const char *domain; /* the recipient's, for "write to postmaster@"; may be empty */
	const char *local_reason; /* the deny set's text for the client, or NULL */
	const char *deny_removal; /* template of the URL for those in deny, or NULL */
	const char *page; /* the URL that tells all of it, in the place of others; or NULL */
	const char *const *category_text; /* own first lines by category, each or all NULL */
	const struct roster *roster;
	const struct policy *policy;
	const struct verdict *verdict;
	unsigned lines; /* of a reply: 1, or REPLY_LINES */
	size_t before;  /* bytes that the MTA puts between the codes and a line */
};

/* Whose text takes the place of our sentence. */
enum reason_text {
	REASON_TEXT_OURS,
	REASON_TEXT_POLICY,
	REASON_TEXT_ANSWER,
	REASON_TEXT_LIST,
	REASON_TEXT_CATEGORY
};

struct reason {
	const struct reply_facts *facts;
	const struct hit *hit;      /* the loudest, or NULL */
	const struct listing *list; /* whose hit that is, or NULL */
	bool spf;                   /* it is SPF that speaks */
	bool doubtful;              /* nobody is refused yet: there is a doubt */
	bool busy;                  /* nor here: lists were not asked for its network */
	bool later;                 /* the client may come back */
	const char *domain;         /* the name that is spoken of, or NULL */
	char ip[IPADDR_STRLEN];     /* of the client */
	const char *blank[BLANKS];  /* what fills the blanks */
	enum reason_text text;
	unsigned nown; /* lines of an own text, which goes before ours */
	char own[REASON_LINES][REASON_TEXT_MAX];
};

/* How much is told; each tells what those before it do. */
enum detail {
	DETAIL_LEAST,  /* what must be said; of a text from outside, the words that fit */
	DETAIL_DOMAIN, /* the name that is listed, or whose policy it is */
	DETAIL_NAME,   /* the name of the list */
	DETAIL_MOST    /* how many other lists there are */
};

/* Find out who speaks, and what there is to say; later: the code of the reply is 4xx. */
void reason_find(struct reason *, const struct reply_facts *, bool later);

/* Speak of a hit, or (NULL) of the deny set, whoever else speaks louder: for its URL. */
void reason_of_hit(struct reason *, const struct reply_facts *, const struct hit *);

/* What a list is called where it speaks by an answer; NULL: by none. */
const char *reason_list_name(const struct listing *, const struct answer *);

/* Add the sentence in that detail; the line is cut where it does not fit. */
void reason_write(const struct reason *, enum detail, struct strbuf *line);

/* Add as many whole words of a text as fit, and "..." where that is not all. */
void reason_add_words(struct strbuf *line, const char *text);

/* What the reader is to do, apart from the own text; NULL: nothing is known. */
const char *reason_advice(const struct reason *);

/*
 * The detail of the enhanced code (RFC 3463, RFC 7372): 1, or one of SPF's.
 */
unsigned reason_code(const struct reason *);

/*
 * Add the URL where one gets off the list, with its blanks filled in; nothing where
 * there is none.
 */
void reason_add_url(const struct reason *, struct strbuf *);

#endif
