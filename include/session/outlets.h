/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/outlets.h - where the line of a decision goes: the log, the store, and who watches.
 * Any thread; never blocks on files.
 */
#ifndef RELAYGUARD_SESSION_OUTLETS_H
#define RELAYGUARD_SESSION_OUTLETS_H

struct conf;
struct logrecord;
struct store;
struct tails;

/* Write the line of a decision by a configuration, store it (NULL: nowhere), and show it: with
 * no trap's address, which is taken out of the record. */
void outlets_write(struct store *, struct tails *, const struct conf *, struct logrecord *);

#endif
