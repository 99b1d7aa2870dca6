/* SPDX-License-Identifier: BSD-2-Clause */
/* test_control.c - sockets that cannot be had leave nothing behind. */
#include "config.h"

#include "control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "tap.h"

static char path[64];
static bool failing;

/* Once the socket is there, nothing can be found out about it. */
int
lstat(const char *name, struct stat *st)
{
	if (!failing || access(name, F_OK) != 0)
		return fstatat(AT_FDCWD, name, st, AT_SYMLINK_NOFOLLOW);
	errno = ENOMEM;
	return -1;
}

int
main(void)
{
	char folder[] = "/tmp/test_control.XXXXXX";
	struct conf conf = {.control = {.socket = path}};
	struct control *control;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/c", folder);
	log_to_stream(stderr);
	control = control_open(&conf);
	ok(control != NULL && access(path, F_OK) == 0, "a socket");
	control_close(control);
	ok(access(path, F_OK) != 0, "goes with who made it");
	failing = true;
	ok(control_open(&conf) == NULL, "one that cannot be known again: none");
	ok(access(path, F_OK) != 0, "and its file is not left behind");
	return rmdir(folder) != 0 || done();
}
