/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/smtptalk.h - a conversation with an SMTP server.  One thread; each call blocks for
 * SMTPTALK_MS at most.
 */
#ifndef RELAYGUARD_CTL_SMTPTALK_H
#define RELAYGUARD_CTL_SMTPTALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/endpoint.h"

#define SMTPTALK_MS 15000 /* postscreen(8) greets after six seconds */
#define SMTPTALK_TEXT_MAX 2048

struct smtptalk {
	int fd; /* -1: it is over */
	size_t len;
	char in[1024]; /* what has come, and is not read yet */
};

/* A reply: its code, 0 for none; and its lines, without the code, each ended by a newline.
 * What is too long is cut. */
struct smtptalk_reply {
	unsigned code;
	char text[SMTPTALK_TEXT_MAX];
};

/* Connect a stream from one address to another; -1: it cannot be, as errno says. */
int smtptalk_dial(const struct endpoint *to, const struct ipaddr *from);

/* Wait for bytes, and read at most size of them; 0: there are none in time, or it has ended. */
size_t smtptalk_receive(int fd, void *out, size_t size, int ms);

/* Begin, and read the greeting; false: nobody is there, or it is no greeting. */
bool smtptalk_open(struct smtptalk *, const struct endpoint *to, const struct ipaddr *from,
    struct smtptalk_reply *greeting);

/* Say a line, and read the reply to it; false: there is none, and it is over. */
bool smtptalk_say(struct smtptalk *, struct smtptalk_reply *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Say QUIT, and end.  Over already: nothing. */
void smtptalk_close(struct smtptalk *);

/* Whether a line of a reply is a word, or begins with one and a blank: "AUTH PLAIN". */
bool smtptalk_offers(const struct smtptalk_reply *, const char *word);

/* The first line of a reply, without its newline. */
const char *smtptalk_line(const struct smtptalk_reply *, char out[SMTPTALK_TEXT_MAX]);

#endif
