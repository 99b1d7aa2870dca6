/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program is told of the machine, as the environment has it: MACHINE_CLOCK "good" or
 * "bad", MACHINE_FREE bytes on disks, MACHINE_MEMINFO a file for /proc/meminfo,
 * MACHINE_LIBEVENT a version.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

int
adjtimex(struct timex *t)
{
	const char *clock = getenv("MACHINE_CLOCK");

	memset(t, 0, sizeof(*t));
	if (clock == NULL || strcmp(clock, "good") == 0)
		return TIME_OK;
	t->status = STA_UNSYNC;
	return TIME_ERROR;
}

int
statvfs(const char *path, struct statvfs *fs)
{
	const char *left = getenv("MACHINE_FREE");

	(void)path;
	memset(fs, 0, sizeof(*fs));
	fs->f_frsize = 1;
	fs->f_bavail = left != NULL ? strtoul(left, NULL, 10) : 1UL << 40;
	return 0;
}

int
statvfs64(const char *path, struct statvfs64 *fs)
{
	return statvfs(path, (struct statvfs *)(void *)fs); /* the same on 64 bits */
}

FILE *
fopen(const char *path, const char *mode)
{
	FILE *(*real)(const char *, const char *);
	const char *other = getenv("MACHINE_MEMINFO");

	*(void **)&real = dlsym(RTLD_NEXT, "fopen");
	return real(other != NULL && strcmp(path, "/proc/meminfo") == 0 ? other : path, mode);
}

FILE *
fopen64(const char *path, const char *mode)
{
	return fopen(path, mode);
}

const char *
event_get_version(void)
{
	const char *version = getenv("MACHINE_LIBEVENT");

	return version != NULL ? version : "2.1.13-stable";
}
