/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redisd.h - a Redis server for tests, in a thread of its own, that can be told
 * to misbehave.  Every function may be called from any thread.
 */
#ifndef RELAYGUARD_REDISD_H
#define RELAYGUARD_REDISD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redisd;

/*
 * What it may do instead of its work: what it says in place of the answer, if
 * that is always the same, and how it goes about it (redisd_talk.c).
 */
#define REDISD_TABLE(X)                                                                        \
	X(WORK, "work", NULL, RIGHT)          /* AUTH SELECT PING GET MGET SET XADD XRANGE */  \
	X(REFUSE, "refuse", NULL, 0)          /* no listener, no connections */                \
	X(SILENT, "silent", NULL, 0)          /* accept and read, never answer */              \
	X(DRIP, "drip", NULL, RIGHT | SLOWLY) /* one byte every 50 ms */                       \
	X(HUGE_BULK, "huge-bulk", "*1\r\n$4294967296\r\n", POUR) /* and bytes without end */   \
	X(HUGE_ARRAY, "huge-array", "*2147483647\r\n", 0)                                      \
	X(ENDLESS, "endless", "+", POUR) /* a line that never ends */                          \
	X(NESTED, "nested", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", 0) \
	X(WRONG_TYPE, "wrong-type", ":42\r\n", 0)                                              \
	X(WRONG_INNER, "wrong-inner", NULL, INTEGERS) /* as many as asked for */               \
	X(WRONG_COUNT, "wrong-count", NULL, ONE_MORE)                                          \
	X(EMPTY_ARRAY, "empty-array", "*0\r\n", 0)                                             \
	X(NIL_ARRAY, "nil-array", "*-1\r\n", 0)                                                \
	X(LONG_VALUE, "long-value", NULL, RIGHT | LONGER) /* values of 513 bytes */            \
	X(TWICE, "twice", NULL, RIGHT | TWICE)                                                 \
	X(NOAUTH, "noauth", "-NOAUTH Authentication required.\r\n", 0)                         \
	X(WRONGPASS, "wrongpass", "-WRONGPASS invalid username-password pair.\r\n", 0)         \
	X(NOPERM, "noperm", "-NOPERM no permissions to run this command\r\n", 0)               \
	X(LOADING, "loading", "-LOADING Redis is loading the dataset in memory\r\n", 0)        \
	X(READONLY, "readonly", "-READONLY You can't write here.\r\n",                         \
	    TO_SET)                                           /* else it works */              \
	X(OOM, "oom", "-OOM command not allowed\r\n", TO_SET) /* the same */                   \
	X(MOVED, "moved", "-MOVED 3999 198.51.100.7:6381\r\n", 0)                              \
	X(CLUSTERDOWN, "clusterdown", "-CLUSTERDOWN Hash slot not served\r\n", 0)              \
	X(ECHO, "echo", NULL, REPEAT) /* an error that repeats all it was told */              \
	X(GARBAGE, "garbage", "HTTP/1.1 400 Bad Request\r\n\r\n\377\200\001", 0)               \
	X(CLOSE, "close", NULL, END)                                                           \
	X(CUT, "cut", NULL, RIGHT | HALF | END) /* close in the middle */

enum redisd_mode {
#define X(id, name, text, ways) REDISD_##id,
	REDISD_TABLE(X)
#undef X
	    REDISD_MODES
};

const char *redisd_mode_name(enum redisd_mode);

/*
 * Listen on the path of a unix socket, or, if it is NULL, on a free port of
 * 127.0.0.1.  NULL: it could not.
 */
struct redisd *redisd_start(const char *path);
void redisd_stop(struct redisd *); /* NULL is fine */

uint16_t redisd_port(const struct redisd *);

/*
 * Behave so from now on: to the commands for data, or, if always, to AUTH,
 * SELECT and PING too.  False: the port or path could not be had back.
 */
bool redisd_behave(struct redisd *, enum redisd_mode, bool always);

/* Want this password, and this user (NULL: "default"), from new connections. */
void redisd_require(struct redisd *, const char *user, const char *password);

/*
 * Say this to every command of that name, whatever it does else; text NULL: no
 * more.  Both are borrowed.
 */
void redisd_say(struct redisd *, const char *command, const char *text);

/* Close the connections there are. */
void redisd_hang_up(struct redisd *);

/* Put a value into database db, behind everybody's back. */
void redisd_put(struct redisd *, unsigned db, const char *key, const char *value, size_t len);

/*
 * The value of a key, as a string of less than size bytes, and for how many
 * seconds it was put (nothing expires here).  False: there is none.
 */
bool redisd_get(
    struct redisd *, unsigned db, const char *key, char *out, size_t size, long *ttl);

/* How many commands of that name came ("MGET"), or, with NULL, connections. */
unsigned redisd_count(struct redisd *, const char *command);

#endif
