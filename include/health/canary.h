/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/canary.h - addresses and names that nobody has, that no list ought to hold,
 * and that nobody can have asked about before.  Any thread.
 *
 * A list that holds one lists the world, or the block it is drawn from.  It is
 * drawn at random each time: the answer for a name that was asked before may
 * come from the cache of a resolver (RFC 2308, 5; RFC 8767), and say what the
 * list said then.
 */
#ifndef RELAYGUARD_HEALTH_CANARY_H
#define RELAYGUARD_HEALTH_CANARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lists/listing.h"
#include "lists/subject.h"

/*
 * The parts of what a list holds that may go wrong by themselves: to list half of the
 * Internet, 0.0.0.0/1, is the commonest accident of all, a quarter the next one.
 */
enum canary_side {
	CANARY_0, /* IPv4, the quarter 0.0.0.0/2, ... */
	CANARY_64,
	CANARY_128,
	CANARY_192,
	CANARY_V6,
	CANARY_NAME,
	CANARY_SIDES
};

#define CANARY_BLOCKS_MAX 4 /* of a side */
_Static_assert(CANARY_BLOCKS_MAX >= CANARY_NETS_MAX, "all that an administrator names fit");

/* A block of a side. */
struct canary_block {
	enum canary_side side;
	unsigned n;
};

#define CANARY_NAME_SIZE 32 /* longest name and its NUL */

struct canary {
	struct subject subject; /* its name, if it has one, is: */
	char name[CANARY_NAME_SIZE];
};

/* The side that a subject is on. */
enum canary_side canary_side_of(const struct subject *);

/* How many blocks a list has on a side; 0: it is not asked about what is there. */
unsigned canary_blocks(const struct listing *, enum canary_side);

/*
 * Whether a block has so few addresses that a resolver may have been asked for one
 * before: it is for the want of another.  Those that the administrator named never are.
 */
bool canary_is_spare(const struct listing *, struct canary_block);

/* Draw one from a block.  False: there are no random numbers to be had. */
bool canary_draw(struct canary *, const struct listing *, struct canary_block);

#define CANARY_TEXT_SIZE 64

/* Write the block as text, "10.0.0.0/8" or ".invalid". */
void canary_describe(const struct listing *, struct canary_block, char out[CANARY_TEXT_SIZE]);

#endif
