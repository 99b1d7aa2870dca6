/* SPDX-License-Identifier: BSD-2-Clause */
/* own/providers.c - two tables; a provider that is missing is treated as anybody. */
#include "config.h"

#include "own/providers.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/domain.h"

/* Of hosts that send mail; customers' machines have names elsewhere. */
#define HOST_MAX 63 /* bytes of one */
#define HOST(name)                     \
	{                              \
		name, sizeof(name) - 1 \
	}
static const struct {
	const char *name;
	size_t len;
} hosts[] = {HOST("126.com"), HOST("163.com"), HOST("amazonses.com"), HOST("apple.com"),
    HOST("facebook.com"), HOST("gmx.net"), HOST("google.com"), HOST("hotmail.com"),
    HOST("icloud.com"), HOST("linkedin.com"), HOST("mail.ru"), HOST("me.com"),
    HOST("messagingengine.com"), HOST("naver.com"), HOST("outlook.com"), HOST("proton.ch"),
    HOST("protonmail.ch"), HOST("qq.com"), HOST("web.de"), HOST("yahoo.co.jp"),
    HOST("yahoo.com"), HOST("yandex.net"), HOST("yandex.ru"), HOST("zoho.com")};

/* Of people; those of three letters are left out, which are near to everything. */
static const char *const domains[] = {"bigpond.com", "bluewin.ch", "btinternet.com",
    "comcast.net", "fastmail.com", "free.fr", "freenet.de", "gmail.com", "googlemail.com",
    "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.fr", "hotmail.it", "icloud.com",
    "laposte.net", "libero.it", "live.com", "mail.ru", "naver.com", "orange.fr", "outlook.com",
    "outlook.de", "proton.me", "protonmail.com", "rediffmail.com", "sbcglobal.net",
    "t-online.de", "telenet.be", "verizon.net", "virgilio.it", "wanadoo.fr", "yahoo.co.jp",
    "yahoo.co.uk", "yahoo.com", "yahoo.com.br", "yahoo.de", "yahoo.fr", "yandex.ru", "ziggo.nl",
    "zoho.com"};

/* Where labels begin: bit n for n bytes before the end. */
static uint64_t
find_labels(const char *name, size_t len)
{
	uint64_t labels = len <= HOST_MAX ? UINT64_C(1) << len : 0;

	for (size_t n = 1; n < len && n <= HOST_MAX; n++)
		if (name[len - n - 1] == '.')
			labels |= UINT64_C(1) << n;
	return labels;
}

/* Asked of each recipient: where the labels begin tells nearly always. */
bool
providers_have_host(const char *name)
{
	size_t len = ascii_bare_length(name);
	uint64_t labels = find_labels(name, len);

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if ((labels >> hosts[i].len & 1) != 0 &&
		    strncasecmp(name + len - hosts[i].len, hosts[i].name, hosts[i].len) == 0)
			return true;
	return false;
}

bool
providers_is_typo(const char *name, const char *other)
{
	size_t m = strlen(name), n = strlen(other);

	for (; m > 0 && n > 0 && *name == *other; m--, n--) {
		name++;
		other++;
	}
	for (; m > 0 && n > 0 && name[m - 1] == other[n - 1]; m--)
		n--;
	return (m < 2 && n < 2 && m + n > 0) ||
	    (m == 2 && n == 2 && name[0] == other[1] && name[1] == other[0]);
}

const char *
providers_mistyped(const char *domain)
{
	const char *registered = domain_registered(domain), *found = NULL;

	for (size_t i = 0; registered != NULL && i < sizeof(domains) / sizeof(domains[0]);
	     i++) {
		if (strcmp(registered, domains[i]) == 0)
			return NULL;
		if (providers_is_typo(registered, domains[i]))
			found = domains[i];
	}
	return found;
}
