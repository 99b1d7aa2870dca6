/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/token.h - what a form carries that we have shown: only who has seen the page can send
 * it, and only for an hour or two.  Any thread once there is a key.
 */
#ifndef RELAYGUARD_WEB_TOKEN_H
#define RELAYGUARD_WEB_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#define TOKEN_SIZE 33 /* of a token, with its NUL */

/* A key of this process, by chance.  Main thread, once; false: there is no chance to be had. */
bool token_begin(void);

/* The token of an action and what it is done to, at a time of clock_wall(). */
void token_make(const char *action, const char *subject, int64_t wall, char out[TOKEN_SIZE]);

/* Whether it is one of this hour, or of the last. */
bool token_is_good(const char *token, const char *action, const char *subject, int64_t wall);

#endif
