/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/page.h - the verbs of the page that refusals lead to, at a socket of their own.
 * Whoever asks gets what the page may show to everybody, and no more: no local part of an
 * address, and nothing of another client.  A thread of the client's; waits for the store and
 * for lists as verb explain does.
 *
 * page-status   {}: {"page":URL or null, "version", "own_list"}
 * page-decision {"ref":"REF-TAG"}: {"found":false}, also where the tag is wrong, for which
 *               nothing is looked up; or {"found":true, "ref", "time", "action", "reason",
 *               "client", "to_domain", "from_domain", "policy", "score", "refuse_at",
 *               "lists":[row...], "spf":{"result", "domain", "decided"} or null, "note",
 *               "contact", "retries_by_itself", "pass":{"offered", "granted_until",
 *               "why_not"}}
 * page-pass     {"ref":"REF-TAG"}: {"granted":true, "until"}, or {"granted":false, "why_not":
 *               "unknown" (no such decision), "deny", "policy" (it gives none), "domain" (no
 *               recipient was known), "used" (the network has had one in 30 days),
 *               "abused" (two, and was then on the own list), "accepted"
 *               (it would not be refused now), "category" (none is given for that), "full"}
 * page-address  {"address"}: {"address", "lists":[row...], "local":what control/pageown.h
 *               has}; so many a minute
 * A row is {"name", "label", "category", "scope", "codes", "removal", "now":"listed", "clear"
 * or "unknown", "until"}, and in page-decision "score" and "decided".  What is not known is null.
 */
#ifndef RELAYGUARD_CONTROL_PAGE_H
#define RELAYGUARD_CONTROL_PAGE_H

#include "control/server.h"

#define PAGE_ADDRESSES 60 /* a minute, whoever asks: lists are asked about them */
#define PAGE_ADDRESSES_BURST 20

server_verb_fn verb_page_status, verb_page_decision, verb_page_address, verb_page_pass;

#endif
