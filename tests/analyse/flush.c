/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flush.c - linked with --wrap where it is counted which lines run: a process that ends
 * by _exit(2) writes what it has counted, too, and no sandbox comes into force, from
 * which nothing could be written.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/syscall.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int code);
_Noreturn void __wrap__exit(int code);
int __wrap_seccomp_load(const void *filter);
int __real_setrlimit64(int what, const struct rlimit64 *);
int __wrap_setrlimit64(int what, const struct rlimit64 *);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

void
__wrap__exit(int code)
{
	__gcov_dump();
	__real__exit(code);
}

int
__wrap_seccomp_load(const void *filter)
{
	(void)filter;
	return 0;
}

/* To write, it takes more than nothing. */
int
__wrap_setrlimit64(int what, const struct rlimit64 *limit)
{
	return limit->rlim_max == 0 ? 0 : __real_setrlimit64(what, limit);
}

long
__wrap_syscall(long number, ...)
{
	long argument[4];
	va_list list;

	if (number == SYS_landlock_restrict_self)
		return 0;
	va_start(list, number);
	for (int i = 0; i < 4; i++)
		argument[i] = va_arg(list, long);
	va_end(list);
	return __real_syscall(number, argument[0], argument[1], argument[2], argument[3]);
}
