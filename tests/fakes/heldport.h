/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * heldport.h - a port of 127.0.0.1 that stays a test's own while its server is
 * away: nobody listens there, and no other program can have it meanwhile.
 */
#ifndef RELAYGUARD_TESTS_HELDPORT_H
#define RELAYGUARD_TESTS_HELDPORT_H

#include <stdbool.h>
#include <stdint.h>

struct heldport {
	int udp, tcp;  /* they hold it, and never hear anything */
	uint16_t port; /* the same for both */
};

/* Take a free port; false: there is none. */
bool heldport_take(struct heldport *);

/* A socket of the type that is bound to it, for its owner to listen at and to close;
 * -1: it cannot be made. */
int heldport_socket(const struct heldport *, int type);

void heldport_release(struct heldport *);

#endif
