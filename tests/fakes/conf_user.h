/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_user.h - configurations written into files of a folder, loaded, and what
 * is said of them compared.  For one test at a time.
 */
#ifndef RELAYGUARD_CONF_USER_H
#define RELAYGUARD_CONF_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "conf/conf.h"

/* In a text ~ stands for the folder.  Each line of want is "LINE: how the text
 * begins" of a line of the main file, "FILE:LINE: ..." of one in the folder, or "0"
 * for the main file as a whole; "": it loads, silently. */
struct conf_row {
	const char *label;
	const char *text;
	const char *want;
};

/* A registry for tables: the lists known, keyed, wide, and gone, which is dead. */
extern const char CONF_REGISTRY[];

#define CONF_DEFAULT "policy \"default\" { }\n"
#define CONF_OURS                                                       \
	"list \"ours\" { zone = \"ours.example\" answer \"127.0.0.2\" " \
	"{ category = \"local\" score = 5 } }\n"
#define CONF_USE_OURS "policy \"default\" { lists = { \"ours\" } }\n"

/* A list with a few words and one answer of that score. */
#define CONF_ANSWER(score) \
	" answer \"127.0.0.2\" { category = \"spam-source\" score = " score " } }\n"
#define CONF_LIST(label, words, score) \
	"list \"" label "\" { zone = \"" label ".example\" " words CONF_ANSWER(score)

/* A check for each row of a table, in a test that includes tap.h. */
#define CONF_USER_ROWS(rows, registry)                                                    \
	do {                                                                              \
		for (size_t i_ = 0; i_ < sizeof(rows) / sizeof((rows)[0]); i_++)          \
			ok(conf_user_try(&(rows)[i_], registry), "%s", (rows)[i_].label); \
	} while (0)

/* A file that stands in the folder beside the two of a load. */
struct conf_file {
	const char *name;
	const char *text;
	mode_t mode;
};

/* Make the folder; take it away again with all that is in it. */
void conf_user_begin(void);
void conf_user_end(void);

/* The path of a file in it. */
const char *conf_user_path(const char *name);

void conf_user_write(const char *name, const char *text, mode_t mode);
void conf_user_write_all(const struct conf_file *, size_t n);

/* Load a text, and a registry if it is not NULL; what was said is in out. */
struct conf *conf_user_load(const char *text, const char *registry, char *out, size_t size);

/* Whether a row comes out as it wants, with that registry; prints what did not. */
bool conf_user_try(const struct conf_row *, const char *registry);

#endif
