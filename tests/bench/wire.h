/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire.h - the milter protocol as an MTA speaks it, version 6: packets written
 * one after the other into a buffer, and replies found in one.  Pure.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crowd.h"

#define WIRE_SIZE 2048

/* What the filter wants of the protocol (SMFIP_...). */
#define WIRE_NO_CONNECT 0x01U
#define WIRE_NO_HELO 0x02U
#define WIRE_NO_MAIL 0x04U
#define WIRE_NO_RCPT 0x08U
#define WIRE_NR_CONNECT 0x1000U
#define WIRE_NR_HELO 0x2000U
#define WIRE_NR_MAIL 0x4000U
#define WIRE_NR_RCPT 0x8000U

struct wire {
	size_t len;
	char bytes[WIRE_SIZE];
};

void wire_negotiate(struct wire *);
void wire_connect(struct wire *, const struct client *);
void wire_helo(struct wire *);
void wire_mail(struct wire *);
void wire_rcpt(struct wire *, unsigned number);
void wire_refused(struct wire *, unsigned number); /* to be relayed: the MTA has refused it */
void wire_end(struct wire *);
void wire_abort(struct wire *);
void wire_quit(struct wire *);

struct wire_reply {
	char word;      /* 'c', 'a', 'y', ... */
	unsigned code;  /* of 'y': 550, ...; else 0 */
	uint32_t steps; /* of 'O' */
};

/*
 * Take the first reply out of the buffer.  False: it is not all there yet.  One
 * that cannot be has the word 0.
 */
bool wire_take(struct wire *, struct wire_reply *);

#endif
