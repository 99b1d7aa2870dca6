/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/operand.h - what stands in a request: addresses, names, times and words of an
 * administrator's.  Pure, any thread.
 */
#ifndef RELAYGUARD_CONTROL_OPERAND_H
#define RELAYGUARD_CONTROL_OPERAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/domain.h"
#include "base/ipaddr.h"
#include "conf/conf.h"
#include "control/server.h"
#include "lists/subject.h"

#define OPERAND_MS_MIN 1000
#define OPERAND_MS_MAX 2592000000 /* 30 days: nothing is for ever */
#define OPERAND_WHY_MAX 200       /* bytes */

/* An address, or a name in the form of domain_normalise(). */
struct operand {
	bool is_name;
	struct ipaddr address; /* as a session has it, with NAT64 folded */
	char name[DOMAIN_NAME_SIZE];
};

/* Read an address, or, where names are fine, a name; false: text (or NULL) is none, and why
 * says so. */
bool operand_read(struct operand *, const struct conf *, const char *text, bool names,
    char *why, size_t whysize);

#define OPERAND_SAID_SIZE 64

enum operand_said { SAID_NEITHER, SAID_ADDRESS, SAID_REFERENCE };

/*
 * Read an address or a reference as people write or say it: among blanks, in brackets, behind
 * "Ref " or "ref=", with O for 0 and I or L for 1.  out is as it should have been; neither: why
 * says so.
 */
enum operand_said operand_said(
    const char *text, char out[OPERAND_SAID_SIZE], char *why, size_t whysize);

/* What lists of a role are asked about; a subject that does not exist: they are not. */
struct subject operand_subject(const struct operand *, enum role);

/* The lists of a role that are asked about it. */
listset operand_lists(const struct operand *, const struct roster *, enum role);

/* Read "for", a time from OPERAND_MS_MIN to OPERAND_MS_MAX; without one it is usual. */
bool operand_time(const json_t *args, int64_t usual, int64_t *ms, char *why, size_t whysize);

/* Read "why", some words; NULL: there are none.  False: they are too many, no text, or have
 * control characters. */
bool operand_why(const json_t *args, const char **words, char *why, size_t whysize);

/* The same of another key, with so many bytes at most; operand_text(): of several lines. */
bool operand_words(const json_t *args, const char *key, size_t max, const char **words,
    char *why, size_t whysize);
bool operand_text(const json_t *args, const char *key, size_t max, const char **text, char *why,
    size_t whysize);

/* Read a day, "2026-12-05", which begins at 0:00 UTC, or a moment of it,
 * "2026-12-05T10:00:00Z", that is after one time and not after another.  False: there is none,
 * or it is no such. */
bool operand_date(const json_t *args, const char *key, int64_t after, int64_t last,
    int64_t *wall, char *why, size_t whysize);

#endif
