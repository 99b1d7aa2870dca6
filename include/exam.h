/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exam.h - one test of one list (RFC 5782, 5).  Rank 5; I/O thread only.
 */
#ifndef RELAYGUARD_EXAM_H
#define RELAYGUARD_EXAM_H

#include "listing.h"

struct dns;

enum exam_kind {
	EXAM_FULL,    /* the test entries and an unused address, of each family */
	EXAM_CANARY,  /* an unused address alone, ... */
	EXAM_CANARY6, /* ... in IPv6 */
	EXAM_PULSE    /* the entry that should be there: does anybody answer? */
};

/* From good to bad; an exam ends with the worst of its answers. */
enum exam_result {
	EXAM_GOOD,
	EXAM_SILENT,     /* no answer, or a failure of the servers */
	EXAM_EMPTY,      /* 127.0.0.2 is not listed */
	EXAM_UNDECLARED, /* something is, with a code that the table lacks */
	EXAM_REFUSED,    /* an error code in place of an answer */
	EXAM_OUTSIDE,    /* an answer that is no list's */
	EXAM_LISTS_ALL   /* 127.0.0.1 or an unused address is listed, as clients are */
};

/* The word for the log. */
const char *exam_name(enum exam_result);

#define EXAM_EVIDENCE_MAX 96

/* Told once how it ended; evidence is the answer that decided, as a sentence. */
typedef void exam_done(void *arg, enum exam_result, const char *evidence);

/*
 * Begin an exam of the roster's list number list by way of dns.  n picks the
 * unused address, 192.0.2.n.  done may be called within this call where no name
 * fits DNS, or memory is out.  False: dns is NULL or memory is out, and done is not called.
 */
bool exam_start(struct dns *, struct roster *, unsigned list, enum exam_kind, uint8_t n,
    exam_done *done, void *arg);

#endif
