/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * draw.h - which client comes next.  Any thread.
 *
 *	cold[:FIRST]             each comes once, from number FIRST on
 *	loop:COUNT[:FIRST]       so many, one after the other, again and again
 *	uniform:COUNT[:FIRST]    so many, by chance
 *	zipf:S:COUNT[:FIRST]     the nth with a chance of 1/n^S
 *	file:PATH                an address a line, in that order, again and again
 */
#ifndef BENCH_DRAW_H
#define BENCH_DRAW_H

#include <stdint.h>

#include "crowd.h"

struct draw;

/* Of all but those of a file, so many in a thousand are listed, and have IPv6.  NULL: no. */
struct draw *draw_new(const char *spec, unsigned listed, unsigned ipv6);
void draw_free(struct draw *);

/* The client of the session of that number; *dice is the caller's own state of chance. */
struct client draw_next(const struct draw *, uint64_t session, uint64_t *dice);

/* A number from 0 to below 1. */
double draw_fraction(uint64_t *dice);

#endif
