/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/advice.h - what an administrator may want to do about a list, by what was counted.  Pure.
 */
#ifndef RELAYGUARD_CTL_ADVICE_H
#define RELAYGUARD_CTL_ADVICE_H

#include "base/strbuf.h"
#include "ctl/stats.h"

enum advice {
	ADVICE_KEEP,   /* verdicts rest on it */
	ADVICE_REVIEW, /* of the clients that it has listed, some were good later */
	ADVICE_REPAIR, /* often it gives no answer, or is suspended */
	ADVICE_DROP,   /* next to nothing rests on it */
	ADVICE_IDLE,   /* it has listed nobody */
	ADVICE_TRIAL,  /* it is in shadow */
	ADVICE_ALLOW,  /* it speaks for clients */
	ADVICE_FEW,    /* too few listings to say */
	ADVICES
};

#define ADVICE_TEXT_MAX 400

enum advice advice_give(const struct stats *, int list);

/* "keep", "review", "repair", "drop", "idle", "trial", "allow" or "few". */
const char *advice_name(enum advice);

/* Add why, as a sentence that begins with a small letter and has no stop. */
void advice_explain(struct strbuf *, const struct stats *, int list);

#endif
