/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/category.h - as what lists list, whichever list it is, and how that is said.  Pure.
 */
#ifndef RELAYGUARD_LISTS_CATEGORY_H
#define RELAYGUARD_LISTS_CATEGORY_H

#include <stdbool.h>

/*
 * The neutral names for what an address or a name is listed as; how a refusal
 * says it of either, after "it" or "the sender domain example.com"; and what
 * ends it, where that is the same for all lists: a line that may be seen alone.
 */
#define CATEGORY_TABLE(X)                                                                 \
	X(OPEN_RELAY, "open-relay", "relays mail for strangers",                          \
	    "The administrator of that server must close the relay first, or it will be " \
	    "listed again.")                                                              \
	X(OPEN_PROXY, "open-proxy", "is an open proxy",                                   \
	    "The administrator of that server must close the proxy first, or it will be " \
	    "listed again.")                                                              \
	X(DYNAMIC, "dynamic", "is in a range of dial-up or home addresses",               \
	    "From a dial-up or home address, send through the mail server of the "        \
	    "provider instead.")                                                          \
	X(NO_RDNS, "no-rdns", "has no proper name in DNS",                                \
	    "The administrator of that server must give its address a name in DNS that "  \
	    "leads back to it.")                                                          \
	X(SPAM_SOURCE, "spam-source", "has sent spam",                                    \
	    "The administrator of that server must find and stop the source of the spam " \
	    "first.")                                                                     \
	X(SNOWSHOE, "snowshoe", "has a bad reputation as a sender of bulk mail",          \
	    "If a mailing service sends for you, ask that service.")                      \
	X(EXPLOITED, "exploited", "is infected or taken over",                            \
	    "The administrator of that machine must clean it first, or it will be "       \
	    "listed again; behind a shared address, that may be any machine.")            \
	X(BRUTEFORCE, "bruteforce", "has been guessing passwords",                        \
	    "The administrator of that server must find out what guesses passwords and "  \
	    "stop it first.")                                                             \
	X(WEB_EXPLOIT, "web-exploit", "has a web server that is being abused",            \
	    "The administrator of that server must mend its web server first.")           \
	X(HIJACKED, "hijacked", "is in a network that has been hijacked", NULL)           \
	X(BOTNET_CONTROLLER, "botnet-controller", "is used to control a botnet", NULL)    \
	X(PHISHING, "phishing", "is used to steal passwords",                             \
	    "If that server or domain was taken over, its administrator must win it "     \
	    "back and clean it first.")                                                   \
	X(MALWARE, "malware", "is used to spread malicious software",                     \
	    "If that server or domain was taken over, its administrator must win it "     \
	    "back and clean it first.")                                                   \
	X(YOUNG_DOMAIN, "young-domain", "was first seen less than a day ago",             \
	    "No more is said against a new domain: send again when it is some days old.") \
	X(POLICY_RANGE, "policy-range", "is in a network that is listed as a whole",      \
	    "A network that is listed as a whole may not be your doing: ask its "         \
	    "provider.")                                                                  \
	X(BULK_UNCONFIRMED, "bulk-unconfirmed",                                           \
	    "sends bulk mail that its readers never confirmed",                           \
	    "Whoever runs the mailing list must ask its readers to confirm.")             \
	X(BACKSCATTER, "backscatter", "sends bounces to people who wrote nothing",        \
	    "The administrator of that server must make it refuse bad recipients "        \
	    "instead of bouncing.")                                                       \
	X(PROBE, "probe", "has been probing mail servers", NULL)                          \
	X(TRAP, "trap", "has written to addresses that nobody has",                       \
	    "Whoever sends from there must find out where the addresses come from.")      \
	X(ALLOW, "allow", "is known as a good sender", NULL)                              \
	X(LOCAL, "local", "is shut out by the rules of this server", NULL)

enum category {
#define X(id, name, words, advice) CATEGORY_##id,
	CATEGORY_TABLE(X)
#undef X
	    CATEGORY_MAX
};

const char *category_name(enum category);
const char *category_words(enum category);
const char *category_advice(enum category); /* a sentence, or NULL */

/* Whether it says that strangers make use of a machine, whoever its owner is. */
bool category_is_intrusion(enum category);

/* The category of that name, or CATEGORY_MAX. */
enum category category_parse(const char *name);

#endif
