/* SPDX-License-Identifier: BSD-2-Clause */
/* test_providers.c - whose host a name is, and which name was meant. */
#include "config.h"

#include "own/providers.h"

#include <stddef.h>

#include "tap.h"

static const struct {
	const char *name;
	bool provider;
} hosts[] = {
    {"mail-wm1-f54.google.com", true},
    {"mail-wm1-f54.Google.COM.", true},
    {"google.com", true},
    {"mail-db8eur05.outbound.protection.outlook.com", true},
    {"54.2.155.104.bc.googleusercontent.com", false},
    {"notgoogle.com", false},
    {"google.com.example.org", false},
    {"c-192-0-2-1.hsd1.ma.comcast.net", false},
    {"mail.example.org", false},
    {"", false},
};

static const struct {
	const char *name, *other;
	bool typo;
} typos[] = {
    {"gmial.com", "gmail.com", true},
    {"gmal.com", "gmail.com", true},
    {"gmaill.com", "gmail.com", true},
    {"gnail.com", "gmail.com", true},
    {"gmail.co", "gmail.com", true},
    {"gmail.com", "gmail.com", false},
    {"gmxil.con", "gmail.com", false},
    {"agmail.comb", "gmail.com", false},
    {"gamli.com", "gmail.com", false},
    {"a", "", true},
    {"", "", false},
};

static const struct {
	const char *domain, *meant;
} domains[] = {
    {"gmial.com", "gmail.com"},
    {"mx.gmial.com", "gmail.com"},
    {"hotmial.com", "hotmail.com"},
    {"yaho.com", "yahoo.com"},
    {"gmail.com", NULL},
    {"example.org", NULL},
    {"yahoo.co.uk", NULL},
    {"com", NULL},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		same_num(providers_have_host(hosts[i].name), hosts[i].provider, hosts[i].name);
	for (size_t i = 0; i < sizeof(typos) / sizeof(typos[0]); i++) {
		same_num(providers_is_typo(typos[i].name, typos[i].other), typos[i].typo,
		    typos[i].name);
		same_num(providers_is_typo(typos[i].other, typos[i].name), typos[i].typo,
		    "the other way round");
	}
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
		same_str(
		    providers_mistyped(domains[i].domain), domains[i].meant, domains[i].domain);
	return done();
}
