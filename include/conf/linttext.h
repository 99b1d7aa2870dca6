/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/linttext.h - texts and URLs of which not all reaches who is refused: warnings.
 * Pure.
 */
#ifndef RELAYGUARD_CONF_LINTTEXT_H
#define RELAYGUARD_CONF_LINTTEXT_H

#include "base/report.h"
#include "conf/section.h"

/* Warn of the texts and URLs of a file. */
void linttext_check(const struct section *file, struct report *);

/* Warn of a text by itself; word: what it is called, or NULL. */
void linttext_text(const char *text, const char *word, const struct place *, struct report *);

#endif
