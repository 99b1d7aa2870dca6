/* SPDX-License-Identifier: BSD-2-Clause */
/* os/activation.c - by libsystemd; without it nothing is handed over. */
#include "config.h"

#include "os/activation.h"

#if defined(HAVE_SYSTEMD)

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"

static int
refuse(int fd, const char *name)
{
	struct logline line;

	logline_event(&line, "cannot-listen");
	logline_str(&line, "socket", name);
	logline_words(&line, "error", "it is no unix stream socket that listens");
	logline_end(&line, LOG_LEVEL_ERROR);
	close(fd);
	return -1;
}

static void
free_names(char **names)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

int
activation_socket(const char *name)
{
	char **names = NULL;
	int n = sd_listen_fds_with_names(0, &names), fd = -1;

	for (int i = 0; i < n && fd < 0; i++)
		if (strcmp(names[i], name) == 0)
			fd = SD_LISTEN_FDS_START + i;
	free_names(names);
	if (fd >= 0 && sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0)
		return refuse(fd, name);
	return fd;
}

#else

int
activation_socket(const char *name)
{
	(void)name;
	return -1;
}

#endif
