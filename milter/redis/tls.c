/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/tls.c - the part of hiredis that its first versions do not have, and
 * what is said where it is missing.
 */
#include "config.h"

#include "redis/tls.h"

#include <stdio.h>

#if defined(HAVE_HIREDIS_SSL)

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>

/* The two are one: there is nothing to add to hiredis's own. */
static redisSSLContext *
unwrap(struct redistls *tls)
{
	return (redisSSLContext *)tls;
}

struct redistls *
redistls_new(const char *ca, const char *cert, const char *key, char *why, size_t whysize)
{
	redisSSLContextError error = REDIS_SSL_CTX_NONE;
	redisSSLContext *context = NULL;

	if (redisInitOpenSSL() == REDIS_OK)
		context = redisCreateSSLContext(ca, NULL, cert, key, NULL, &error);
	if (context == NULL)
		(void)snprintf(why, whysize, "%s", redisSSLContextGetError(error));
	return (struct redistls *)context;
}

void
redistls_free(struct redistls *tls)
{
	if (tls != NULL)
		redisFreeSSLContext(unwrap(tls));
}

bool
redistls_begin(struct redistls *tls, struct redisContext *context)
{
	return redisInitiateSSLWithContext(context, unwrap(tls)) == REDIS_OK;
}

#else

struct redistls *
redistls_new(const char *ca, const char *cert, const char *key, char *why, size_t whysize)
{
	(void)ca;
	(void)cert;
	(void)key;
	(void)snprintf(why, whysize,
	    "hiredis was built without TLS here: reach Redis through stunnel instead");
	return NULL;
}

void
redistls_free(struct redistls *tls)
{
	(void)tls;
}

bool
redistls_begin(struct redistls *tls, struct redisContext *context)
{
	(void)tls;
	(void)context;
	return false;
}

#endif
