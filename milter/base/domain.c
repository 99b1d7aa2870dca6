/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/domain.c - names in DNS.  What a client says can be anything; only what could
 * be the name of a host or a mail domain is let through here.
 */
#include "config.h"

#include "base/domain.h"

#include <pthread.h>
#include <string.h>

#include <libpsl.h>

#include "base/ascii.h"
#include "base/idn.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const psl_ctx_t *suffixes; /* read once, and never freed */

/* The newer of the list that the system has and the one within the library. */
static void
load_suffixes(void)
{
	suffixes = psl_latest(NULL);
	if (suffixes == NULL)
		suffixes = psl_builtin();
}

/* Copy a name in lower case, without a last dot; false: it is none. */
static bool
copy_name(const char *name, char out[DOMAIN_NAME_SIZE])
{
	size_t len = idn_lower(name, strlen(name), out, DOMAIN_NAME_SIZE);

	return ascii_name_fault(out, len, ASCII_LABEL_MAX) == NULL;
}

/* Whether it has two labels, and the last begins with a letter, as all there are do
 * (RFC 3696, 2): what does not is an address, in one of the ways to write one. */
static bool
has_top_level(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && ascii_is_letter(dot[1]);
}

bool
domain_normalise(const char *name, char out[DOMAIN_NAME_SIZE])
{
	if (copy_name(name, out) && has_top_level(out))
		return true;
	out[0] = '\0';
	return false;
}

const char *
domain_registered(const char *name)
{
	pthread_once(&once, load_suffixes);
	return suffixes != NULL ? psl_registrable_domain(suffixes, name) : NULL;
}

bool
domain_is_suffix(const char *name)
{
	char normal[DOMAIN_NAME_SIZE];

	if (!copy_name(name, normal))
		return false;
	pthread_once(&once, load_suffixes);
	/* Without the list, a top-level domain is one at least. */
	return suffixes != NULL ? psl_is_public_suffix(suffixes, normal) != 0
				: strchr(normal, '.') == NULL;
}

bool
domain_is_registry(const char *name)
{
	pthread_once(&once, load_suffixes);
	return suffixes != NULL &&
	    psl_is_public_suffix2(suffixes, name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}
