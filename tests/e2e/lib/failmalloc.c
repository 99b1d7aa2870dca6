/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * failmalloc.c - memory that is not to be had, preloaded into a program.  The
 * file FAILMALLOC names holds two numbers: how many requests are granted until
 * one fails, counted down while above zero, and how many have failed; and the
 * name of the library, or program, whose request failed last.  Requests of
 * the libraries that FAILMALLOC_SPARE names are granted, and all from within
 * those that FAILMALLOC_SPARE_WITHIN names; the next one fails then.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

#define DEEP 32 /* calls that are looked at */

struct order {
	_Atomic long left, failed;
	char culprit[64];
};

static struct order *order;

static void __attribute__((constructor)) read_order(void)
{
	const char *path = getenv("FAILMALLOC");
	int fd = path != NULL ? open(path, O_RDWR) : -1;
	void *page, *frames[DEEP];

	if (fd < 0)
		return;
	(void)backtrace(frames, DEEP); /* the first time it asks for memory itself */
	page = mmap(NULL, sizeof(*order), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (page != MAP_FAILED)
		order = page;
}

static const char *
file_of(const void *code)
{
	Dl_info info;
	const char *slash;

	if (dladdr(code, &info) == 0 || info.dli_fname == NULL)
		return "";
	slash = strrchr(info.dli_fname, '/');
	return slash != NULL ? slash + 1 : info.dli_fname;
}

/* Whether a file's name begins with one of the names. */
static int
is_one_of(const char *file, const char *names)
{
	size_t len;

	for (; *names != '\0'; names += len + strspn(names + len, " ")) {
		len = strcspn(names, " ");
		if (strncmp(file, names, len) == 0)
			return 1;
	}
	return 0;
}

/* Whether the request is spared; else who asks, through the C library or not, is noted. */
static int
spared(void)
{
	const char *within = getenv("FAILMALLOC_SPARE_WITHIN"),
		   *by = getenv("FAILMALLOC_SPARE");
	const char *culprit = NULL;
	void *frames[DEEP];
	int count = backtrace(frames, DEEP);

	for (int i = 0; i < count; i++) {
		const char *file = file_of(frames[i]);

		if (within != NULL && is_one_of(file, within))
			return 1;
		if (culprit == NULL && !is_one_of(file, "failmalloc libc.so"))
			culprit = file;
		/* What a library has called back of ours, must do without. */
		if (is_one_of(file, "relayguard"))
			break;
	}
	if (culprit == NULL)
		culprit = "";
	if (by != NULL && is_one_of(culprit, by))
		return 1;
	strncpy(order->culprit, culprit, sizeof(order->culprit) - 1);
	return 0;
}

static int
fails(void)
{
	if (order == NULL || atomic_load(&order->left) <= 0 ||
	    atomic_fetch_sub(&order->left, 1) != 1)
		return 0;
	if (spared()) {
		atomic_store(&order->left, 1);
		return 0;
	}
	atomic_fetch_add(&order->failed, 1);
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
