/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/ref.h - the reference of a decision: the same in the reply, in the log and
 * wherever the decision is explained.  Any thread.
 */
#ifndef RELAYGUARD_BASE_REF_H
#define RELAYGUARD_BASE_REF_H

#define REF_LEN 8 /* characters, each of 5 random bits */

/* Make a new one: digits and capital letters, none that read like another. */
void ref_make(char out[REF_LEN + 1]);

#endif
