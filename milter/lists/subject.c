/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/subject.c - addresses and names under one kind of key, so that whatever keeps
 * facts of addresses keeps those of names as well.
 */
#include "config.h"

#include "lists/subject.h"

#include <pthread.h>
#include <string.h>

#include <sodium.h>

#include "base/strbuf.h"

static pthread_once_t drawn = PTHREAD_ONCE_INIT;
static unsigned char secret[crypto_shorthash_siphashx24_KEYBYTES];

const char *
role_name(enum role role)
{
	static const char *const names[ROLES] = {
	    [ROLE_ADDRESS] = "address",
	    [ROLE_HELO] = "helo",
	    [ROLE_NAME] = "name",
	    [ROLE_SENDER] = "sender",
	};

	return names[role];
}

struct subject
subject_address(const struct ipaddr *address)
{
	return (struct subject){.role = ROLE_ADDRESS, .key = *address};
}

static void
draw_secret(void)
{
	(void)!sodium_init(); /* it only chooses the fastest ways */
	randombytes_buf(secret, sizeof(secret));
}

struct subject
subject_name(enum role role, const char *name)
{
	struct subject subject = {.role = role, .name = name};

	_Static_assert(sizeof(subject.key.byte) == crypto_shorthash_siphashx24_BYTES,
	    "a digest fills the place of an address");
	if (name == NULL || name[0] == '\0')
		return subject;
	pthread_once(&drawn, draw_secret);
	crypto_shorthash_siphashx24(
	    subject.key.byte, (const unsigned char *)name, strlen(name), secret);
	subject.key.bits = 128;
	return subject;
}

bool
subject_exists(const struct subject *subject)
{
	return subject->key.bits != 0;
}

void
subject_format(const struct subject *subject, char *out, size_t size)
{
	char address[IPADDR_STRLEN];

	(void)strbuf_copy(out, size,
	    subject->name != NULL ? subject->name : ipaddr_format(&subject->key, address));
}
