/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/postfixconf.h - the configuration of Postfix, as postconf(1) tells it.  One thread;
 * reading blocks on that program.
 */
#ifndef RELAYGUARD_CTL_POSTFIXCONF_H
#define RELAYGUARD_CTL_POSTFIXCONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POSTFIX_SERVICES_MAX 64
#define POSTFIX_TEXT_MAX 65536

/* A line of master.cf that takes mail in. */
struct postfix_service {
	char name[64];    /* "smtp/inet" */
	char command[32]; /* "smtpd" or "postscreen" */
	char chroot;      /* 'y', 'n', or '-': the default */
};

struct postfixconf {
	char main[POSTFIX_TEXT_MAX];   /* "name = value", a line each */
	char master[POSTFIX_TEXT_MAX]; /* "smtp/inet/name = value" */
	size_t n;
	struct postfix_service service[POSTFIX_SERVICES_MAX];
};

enum postfixconf_result {
	POSTFIXCONF_READ,
	POSTFIXCONF_NONE,   /* there is no Postfix here */
	POSTFIXCONF_FAILED, /* it could not be asked; a sentence is in why */
	POSTFIXCONF_BAD     /* it has mistakes; what Postfix says of them is in why */
};

/* Read it from a folder, or, where that is NULL, from where Postfix has it; names are the
 * parameters of main.cf that are wanted, a NULL ends them. */
enum postfixconf_result postfixconf_read(struct postfixconf *, const char *folder,
    const char *const *names, int64_t deadline, char *why, size_t whysize);

/*
 * Copy the value of a parameter for a service, which may override it, or for all where that
 * is NULL; whether the service overrides it.  Empty: it is not set.
 */
bool postfixconf_get(const struct postfixconf *, const struct postfix_service *,
    const char *name, char *out, size_t size);

/*
 * Take the next item of a list, apart at blanks and commas outside of braces; of one in
 * braces what is within.  False: there is none.
 */
bool postfixconf_item(const char **at, char *out, size_t size);

/* Seconds, as "30s", "5m" or "1h" say them; without a unit they are seconds.  -1: it is
 * nothing of these. */
int64_t postfixconf_seconds(const char *text);

#endif
