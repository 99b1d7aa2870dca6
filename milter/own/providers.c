/* SPDX-License-Identifier: BSD-2-Clause */
/* own/providers.c - two tables; a provider that is missing is treated as anybody. */
#include "config.h"

#include "own/providers.h"

#include <stddef.h>
#include <string.h>

#include "base/domain.h"
#include "base/setting.h"

/* Of hosts that send mail; customers' machines have names elsewhere. */
static const char *const hosts[] = {"126.com", "163.com", "amazonses.com", "apple.com",
    "facebook.com", "gmx.net", "google.com", "hotmail.com", "icloud.com", "linkedin.com",
    "mail.ru", "me.com", "messagingengine.com", "naver.com", "outlook.com", "proton.ch",
    "protonmail.ch", "qq.com", "web.de", "yahoo.co.jp", "yahoo.com", "yandex.net", "yandex.ru",
    "zoho.com"};

/* Of people; those of three letters are left out, which are near to everything. */
static const char *const domains[] = {"bigpond.com", "bluewin.ch", "btinternet.com",
    "comcast.net", "fastmail.com", "free.fr", "freenet.de", "gmail.com", "googlemail.com",
    "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.fr", "hotmail.it", "icloud.com",
    "laposte.net", "libero.it", "live.com", "mail.ru", "naver.com", "orange.fr", "outlook.com",
    "outlook.de", "proton.me", "protonmail.com", "rediffmail.com", "sbcglobal.net",
    "t-online.de", "telenet.be", "verizon.net", "virgilio.it", "wanadoo.fr", "yahoo.co.jp",
    "yahoo.co.uk", "yahoo.com", "yahoo.com.br", "yahoo.de", "yahoo.fr", "yandex.ru", "ziggo.nl",
    "zoho.com"};

bool
providers_have_host(const char *name)
{
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (setting_below_domain(name, hosts[i]))
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
