/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * null.c - a filter that does nothing: the same libmilter, callbacks, steps and macros
 * as relayguard's, and not a word about anybody.  What it costs is the floor.  With a key
 * it asks a Redis on this machine for that, each time, in the plainest way: what that costs
 * is the floor of who has to ask.
 *
 *	null SOCKET [PORT KEY]
 */
#include "config.h"

#include <libmilter/mfapi.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <hiredis/hiredis.h>

#define BACKLOG 1024

static int redis_port; /* 0: nobody is asked */
static const char *redis_key;
static pthread_key_t connection; /* each thread has its own */

static void
disconnect(void *redis)
{
	redisFree(redis);
}

/* Whether the key has a value. */
static bool
ask_redis(void)
{
	redisContext *redis = pthread_getspecific(connection);
	redisReply *reply;
	bool found;

	if (redis == NULL) {
		redis = redisConnect("127.0.0.1", redis_port);
		if (redis == NULL || redis->err != 0 || pthread_setspecific(connection, redis))
			return false;
	}
	reply = redisCommand(redis, "GET %s", redis_key);
	found = reply != NULL && reply->type == REDIS_REPLY_STRING;
	freeReplyObject(reply);
	return found;
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2,
    unsigned long f3, unsigned long *our_actions, unsigned long *our_steps,
    unsigned long *our_f2, unsigned long *our_f3)
{
	static char connect[] = "v j {daemon_addr} {if_addr}",
		    mail[] = "i {auth_type} {auth_authen} {mail_addr} {mail_mailer}",
		    rcpt[] = "{rcpt_addr} {rcpt_mailer} {rcpt_host}", end[] = "i";

	(void)f2;
	(void)f3;
	*our_actions = actions & SMFIF_SETSYMLIST;
	if (*our_actions != 0) {
		smfi_setsymlist(ctx, SMFIM_CONNECT, connect);
		smfi_setsymlist(ctx, SMFIM_ENVFROM, mail);
		smfi_setsymlist(ctx, SMFIM_ENVRCPT, rcpt);
		smfi_setsymlist(ctx, SMFIM_EOM, end);
	}
	*our_steps =
	    ((SMFIP_NOBODY | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NODATA | SMFIP_NOUNKNOWN) &
		steps) |
	    SMFIP_NR_HELO | SMFIP_NR_MAIL;
	*our_f2 = 0;
	*our_f3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *sa)
{
	(void)ctx;
	(void)name;
	(void)sa;
	return redis_port == 0 || ask_redis() ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

static sfsistat
on_helo(SMFICTX *ctx, char *helo)
{
	(void)ctx;
	(void)helo;
	return SMFIS_NOREPLY;
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_NOREPLY;
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_CONTINUE;
}

static sfsistat
on_end(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	static char name[] = "null";
	struct smfiDesc callbacks = {
	    .xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_envrcpt = on_rcpt,
	    .xxfi_abort = on_end,
	    .xxfi_close = on_end,
	    .xxfi_negotiate = on_negotiate,
	};

	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: null SOCKET [PORT KEY]\n");
		return 64;
	}
	if (argc == 4) {
		redis_port = atoi(argv[2]);
		redis_key = argv[3];
	}
	if (pthread_key_create(&connection, disconnect) != 0)
		return 71;
	umask(0);
	if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(callbacks) != MI_SUCCESS ||
	    smfi_setbacklog(BACKLOG) != MI_SUCCESS || smfi_opensocket(1) != MI_SUCCESS) {
		fprintf(stderr, "null: cannot listen on %s\n", argv[1]);
		return 69;
	}
	puts("started");
	fflush(stdout);
	return smfi_main() == MI_SUCCESS ? 0 : 71;
}
