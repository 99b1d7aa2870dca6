/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/checker.h - what a value of the configuration must look like.  Pure.
 */
#ifndef RELAYGUARD_CONF_CHECKER_H
#define RELAYGUARD_CONF_CHECKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/setting.h"

#define CHECKER_LABEL_MAX 64 /* bytes of the name of a list */
#define CHECKER_KEY_MAX 63   /* of a key: one label in DNS */
#define CHECKER_PAGE_MAX 100 /* of the URL of the page */

/* 32 nibbles come before a zone. */
#define CHECKER_ZONE_MAX (SETTING_DOMAIN_MAX - IPADDR_LABELS)

/* What stands for the key in a zone. */
#define CHECKER_KEY "%{key}"

/* Whether text is such a value.  False: a sentence in why. */
typedef bool checker(const char *text, char *why, size_t whysize);

checker checker_listen;
checker checker_account;
checker checker_path;
checker checker_socket;
checker checker_metrics; /* a loopback address, and a port */
checker checker_file;    /* a path of what is read with the configuration */
checker checker_secret;  /* the same, of what nobody else may read */
checker checker_redis;
checker checker_redis_node; /* a Sentinel, or a node of a Cluster */
checker checker_service;
checker checker_words; /* a short text without blanks to fill in */
checker checker_nat64;
checker checker_server;
checker checker_canary;
checker checker_zone; /* empty: none */
checker checker_data; /* where entries are in files (conf/dataword.h) */
checker checker_text;
checker checker_url;
checker checker_page; /* such a URL without blanks to fill in, short */
checker checker_dead; /* anything, or nothing */
checker checker_needs;
checker checker_category;
checker checker_label;
checker checker_domain;
checker checker_believed; /* a domain that nobody shares, or such with a dot in front */
checker checker_role;
checker checker_policy_name;
checker checker_pattern;
checker checker_vote;
checker checker_mailbox;
checker checker_trap_id;
checker checker_trap_recipient; /* why does not quote it */
checker checker_trap_domain;    /* the same */
checker checker_trap_note;
checker checker_lifetime; /* of an entry of the own list */
checker checker_own_address, checker_own_name;

/* Those whose value is a number: an enum's, but as told. */
setting_reader checker_mode; /* 1: shadow */
setting_reader checker_doubt;
/* Of a policy: as it stands outside of the sections. */
enum checker_ask { CHECKER_ASK_AS_ROOT, CHECKER_ASK_ALL, CHECKER_ASK_NEEDED };
setting_reader checker_ask;
setting_reader checker_privacy; /* 1: no names */
setting_reader checker_kind;
setting_reader checker_scope;
setting_reader checker_origin;
setting_reader checker_source; /* 1: own evidence */
setting_reader checker_codes;  /* 1: their scores are added up */
setting_reader checker_mta;
setting_reader checker_every, checker_watch_lists;
setting_reader checker_drop_at; /* 1: at connect */
setting_reader checker_trap_kind;
setting_reader checker_either; /* min or max, and nothing between them */
/* A score, 0: ignore, or one of those. */
#define CHECKER_SPF_DEFER (-1)
#define CHECKER_SPF_REFUSE (-2)
setting_reader checker_spf;
setting_reader checker_interval; /* a time, or none */
setting_reader checker_age;      /* a time, or any */

/*
 * Write the zone with the key in its place and without a last dot.  False where
 * that is no name of a zone; why never quotes it.
 */
bool checker_fill_zone(const char *zone, const char *key, char out[CHECKER_ZONE_MAX + 2],
    char *why, size_t whysize);

/* Take "label*2" apart; without a weight it is 1.  False: a sentence in why. */
bool checker_split_vote(const char *text, char label[CHECKER_LABEL_MAX + 1], int64_t *weight,
    char *why, size_t whysize);

#endif
