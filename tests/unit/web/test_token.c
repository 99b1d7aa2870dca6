/* SPDX-License-Identifier: BSD-2-Clause */
/* test_token.c - a token is good for what it was made for, and for two hours. */
#include "config.h"

#include "web/token.h"

#include "tap.h"

#define NOW 1796000400 /* an hour begins */

int
main(void)
{
	char token[TOKEN_SIZE], other[TOKEN_SIZE];

	ok(token_begin(), "there is a key");
	token_make("pass", "7F3K2Q9M-ABCDE", NOW, token);
	same_num((long long)strlen(token), TOKEN_SIZE - 1, "its length");
	ok(token_is_good(token, "pass", "7F3K2Q9M-ABCDE", NOW), "at once");
	ok(token_is_good(token, "pass", "7F3K2Q9M-ABCDE", NOW + 7199), "for two hours");
	ok(!token_is_good(token, "pass", "7F3K2Q9M-ABCDE", NOW + 7200), "not for more");
	ok(!token_is_good(token, "pass", "7F3K2Q9M-ABCDE", NOW - 1), "nor before");
	ok(!token_is_good(token, "remove", "7F3K2Q9M-ABCDE", NOW), "not for another action");
	ok(!token_is_good(token, "pass", "7F3K2Q9M-ABCDF", NOW), "nor for another message");
	ok(!token_is_good(token, "pas", "s7F3K2Q9M-ABCDE", NOW), "where a part ends counts");
	ok(!token_is_good("", "pass", "7F3K2Q9M-ABCDE", NOW), "nothing is no token");
	ok(token_begin(), "another process has another key");
	token_make("pass", "7F3K2Q9M-ABCDE", NOW, other);
	ok(strcmp(token, other) != 0, "and other tokens");
	return done();
}
