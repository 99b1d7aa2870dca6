/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/guesser.h - which users a client has asked for that nobody knows: a dictionary attack
 * names many, and knows none.  Pure.
 */
#ifndef RELAYGUARD_OWN_GUESSER_H
#define RELAYGUARD_OWN_GUESSER_H

#include <stdbool.h>
#include <stdint.h>

#define GUESSER_USERS_MAX 20 /* that are told apart */
#define GUESSER_USERS 10     /* who asks for so many of them guesses, as a rule, ... */
#define GUESSER_S 86400      /* ... if it was within so many seconds */

struct guesser {
	uint16_t user[GUESSER_USERS_MAX]; /* hashes; 0: nobody */
	uint32_t since;                   /* when the first was asked for */
	uint32_t attempts;                /* since then */
};

/* Note a user whom nobody knows, by a hash that nobody can foresee; how many different ones
 * there were. */
unsigned guesser_note(struct guesser *, uint16_t user, uint32_t now);

/* How many different users there are, and whether one is among them. */
unsigned guesser_users(const struct guesser *);
bool guesser_has(const struct guesser *, uint16_t user);

/* It knows somebody: it has not been guessing until now. */
void guesser_clear(struct guesser *);

#endif
