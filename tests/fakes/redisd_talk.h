/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redisd_talk.h - what redisd.c and redisd_talk.c know of each other.  Whoever
 * calls holds the mutex.
 */
#ifndef RELAYGUARD_REDISD_TALK_H
#define RELAYGUARD_REDISD_TALK_H

#include <pthread.h>

#include "fakes/heldport.h"
#include "fakes/redisd.h"

#define CLIENTS 16
#define KEYS 512
#define ENTRIES 1024
#define IN_MAX 65536
#define OUT_MAX 262144
#define COMMANDS 16
#define SAYINGS 4

struct client {
	int fd; /* -1: free */
	bool authenticated;
	bool closing; /* when all is sent */
	bool pouring; /* send 'x' for ever, when all is sent */
	bool dripping;
	int64_t next_drip;
	unsigned db;
	size_t in, out, sent;
	char inbuf[IN_MAX];
	char outbuf[OUT_MAX];
};

struct item {
	unsigned db;
	char *key, *value;
	size_t len;
	long ttl;
};

/* An entry of a stream, with the one field that it has; its id is "MS-0". */
struct entry {
	unsigned db, ms;
	char *key, *field, *value;
	size_t len;
};

struct redisd {
	pthread_t thread;
	pthread_mutex_t mutex; /* guards all that follows, but what never changes */
	pthread_cond_t settled;
	int wake[2];
	int listener; /* -1: none */
	struct heldport port;
	char path[108];
	bool stopping, hang_up;
	bool wish;      /* something has been asked for, and not yet done */
	bool listening; /* as wanted */
	enum redisd_mode mode;
	bool always;
	char user[64], password[64];
	struct {
		const char *command, *text; /* NULL: free */
	} saying[SAYINGS];
	struct client *client[CLIENTS];
	size_t nitems;
	struct item item[KEYS];
	size_t nentries;
	struct entry entry[ENTRIES];
	unsigned connections;
	struct {
		char name[16];
		unsigned n;
	} count[COMMANDS];
};

/* Read what a client says, and put what is to be said into its outbuf. */
void redisd_hear(struct redisd *, struct client *);

struct item *redisd_find(struct redisd *, unsigned db, const char *key, size_t len);
void redisd_keep(struct redisd *, unsigned db, const char *key, size_t keylen,
    const char *value, size_t len, long ttl);

#endif
