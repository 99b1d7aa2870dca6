/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/error.c - error replies that leave the connection usable, as of a full
 * Redis or a replica.  They come with every command, so they are counted by
 * the client, and logged here once an hour.
 */
#include "config.h"

#include "redis/error.h"

#include <string.h>

#include "base/log.h"

static const char *const words[REDISERROR_MAX] = {
#define X(word) #word,
    REDISERROR_TABLE(X)
#undef X
};

static enum rediserror
find_word(const char *reply)
{
	size_t len = strcspn(reply, " ");

	for (unsigned i = 0; i < REDISERROR_MAX; i++)
		if (strlen(words[i]) == len && memcmp(words[i], reply, len) == 0)
			return (enum rediserror)i;
	return REDISERROR_ERR;
}

const char *
rediserror_word(const char *reply)
{
	return words[find_word(reply)];
}

void
rediserror_note(
    struct rediserrors *errors, const char *server, const char *command, const char *reply)
{
	struct logline line;

	if (loglimit_count(&errors->logged[find_word(reply)], LOGLIMIT_HOUR_MS) == 0)
		return;
	logline_event(&line, "redis-error");
	logline_str(&line, "server", server);
	logline_str(&line, "command", command);
	logline_str(&line, "error", rediserror_word(reply));
	logline_end(&line, LOG_LEVEL_WARNING);
}
