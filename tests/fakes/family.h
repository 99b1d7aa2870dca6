/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * family.h - the children of a process, by /proc; where there is none, nobody
 * has children.
 */
#ifndef RELAYGUARD_TESTS_FAMILY_H
#define RELAYGUARD_TESTS_FAMILY_H

#include <stdbool.h>

#include <sys/types.h>

/* A child that lives, of that parent; 0: there is none. */
pid_t family_child(pid_t parent);

/* How many there are, dead ones that nobody has waited for included. */
unsigned family_size(pid_t parent);

/* Wait until the parent has that many, at most five seconds; whether it has. */
bool family_await(pid_t parent, unsigned size);

/* The name of a process, as ps(1) tells it. */
const char *family_name(pid_t pid, char name[32]);

#endif
