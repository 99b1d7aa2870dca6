/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_strbuf.c - bounded text, and that nothing from outside gets out of its
 * value.
 */
#include "config.h"

#include "base/strbuf.h"

#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

static const struct {
	const char *label, *value;
	size_t max;
	const char *written;
} values[] = {
    {"empty", "", 256, "\"\""},
    {"plain", "mail.bad.example", 256, "mail.bad.example"},
    {"plain, all signs", "!#$%&'()*+,-./:;<>?@[]^_`{|}~", 256, "!#$%&'()*+,-./:;<>?@[]^_`{|}~"},
    {"as long as allowed", "abcde", 5, "abcde"},
    {"one too long", "abcdef", 5, "abcde..."},
    {"one too long, quoted", "a bcdef", 5, "\"a bcd...\""},
    {"the odd byte comes after the cut", "abcde ", 5, "abcde..."},
    {"nothing of it", "abc", 0, "\"...\""},
    {"nothing of nothing", "", 0, "\"\""},
    {"blank", " ", 256, "\" \""},
    {"forged key", "a verdict=pass", 256, "\"a verdict=pass\""},
    {"equals sign", "a=b", 256, "\"a=b\""},
    {"forged line", "a\nrelayguard[1]: x", 256, "\"a\\u000arelayguard[1]: x\""},
    {"forged line, CR LF", "a\r\nb", 256, "\"a\\u000d\\u000ab\""},
    {"quote", "a\" b=\"c", 256, "\"a\\\" b=\\\"c\""},
    {"backslash", "a\\", 256, "\"a\\\\\""},
    {"backslash before a quote", "\\\"", 256, "\"\\\\\\\"\""},
    {"controls", "\x01\x1b[2J\x7f", 256, "\"\\u0001\\u001b[2J\\u007f\""},
    {"8-bit", "\x80\xff", 256, "\"\\u0080\\u00ff\""},
    {"UTF-8", "m\xc3\xbcller", 256, "\"m\\u00c3\\u00bcller\""},
    {"UTF-8 cut in two", "m\xc3\xbcller", 12, "\"m\\u00c3...\""},
    {"no room for an escape", "m\xc3\xbcller", 6, "m..."},
    {"just room for a quote", "a\"b", 3, "\"a\\\"...\""},
    {"percent signs are kept", "%s%n%%", 256, "%s%n%%"},
};

static const struct {
	const char *label, *text, *written;
} urls[] = {
    {"empty", "", ""},
    {"unreserved", "azAZ09-._~", "azAZ09-._~"},
    {"v6 address", "2001:db8::1", "2001%3Adb8%3A%3A1"},
    {"reserved", "a/b?c=d&e#f+g", "a%2Fb%3Fc%3Dd%26e%23f%2Bg"},
    {"percent", "%41", "%2541"},
    {"blank, quote and newline", " \"\n", "%20%22%0A"},
    {"8-bit", "\xc3\xbc\xff", "%C3%BC%FF"},
};

static const struct {
	int64_t value;
	const char *written;
} numbers[] = {
    {0, "0"},
    {9, "9"},
    {10, "10"},
    {-1, "-1"},
    {-1000, "-1000"},
    {INT64_MAX, "9223372036854775807"},
    {INT64_MIN, "-9223372036854775808"},
};

static const struct {
	uint32_t code;
	const char *written;
} codes[] = {
    {0, "0.0.0.0"},
    {0x7f000002, "127.0.0.2"},
    {0x7f01640a, "127.1.100.10"},
    {UINT32_MAX, "255.255.255.255"},
};

/* Into storage of five bytes, four of which are text. */
static const struct {
	const char *label, *first, *second, *text;
	bool cut;
} bounds[] = {
    {"nothing", "", "", "", false},
    {"fits", "ab", "c", "abc", false},
    {"just fits", "ab", "cd", "abcd", false},
    {"one too long", "ab", "cde", "abcd", true},
    {"first too long", "abcde", "", "abcd", true},
    {"nothing after a cut", "abcdef", "g", "abcd", true},
};

static void
test_values(void)
{
	char storage[256];
	struct strbuf sb;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		strbuf_init(&sb, storage, sizeof(storage));
		strbuf_add_value(&sb, values[i].value, values[i].max);
		same_str(sb.data, values[i].written, values[i].label);
		same_num((long long)sb.len, (long long)strlen(sb.data), values[i].label);
	}
}

static void
test_urls(void)
{
	char storage[256];
	struct strbuf sb;
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		strbuf_init(&sb, storage, sizeof(storage));
		strbuf_add_url(&sb, urls[i].text);
		same_str(sb.data, urls[i].written, urls[i].label);
	}
}

static void
test_numbers(void)
{
	char storage[32];
	struct strbuf sb;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		strbuf_init(&sb, storage, sizeof(storage));
		strbuf_add_num(&sb, numbers[i].value);
		same_str(sb.data, numbers[i].written, "number");
	}
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		strbuf_init(&sb, storage, sizeof(storage));
		strbuf_add_code(&sb, codes[i].code);
		same_str(sb.data, codes[i].written, "code");
	}
	strbuf_init(&sb, storage, 6);
	strbuf_add_code(&sb, codes[1].code);
	ok(sb.cut && strcmp(sb.data, "127.0") == 0, "a code that does not fit is cut");
}

static void
check_bound(const struct strbuf *sb, size_t i, const char *how)
{
	ok(strcmp(sb->data, bounds[i].text) == 0 && sb->cut == bounds[i].cut &&
		sb->len == strlen(sb->data),
	    "%s, %s", bounds[i].label, how);
}

static void
test_bounds(void)
{
	struct strbuf sb;
	char storage[5];
	size_t i;

	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		strbuf_init(&sb, storage, sizeof(storage));
		strbuf_add(&sb, bounds[i].first);
		strbuf_add(&sb, bounds[i].second);
		check_bound(&sb, i, "add");
		strbuf_init(&sb, storage, sizeof(storage));
		strbuf_addf(&sb, "%s", bounds[i].first);
		strbuf_addf(&sb, "%s", bounds[i].second);
		check_bound(&sb, i, "addf");
	}
}

static void
test_smallest(void)
{
	struct strbuf sb;
	char storage[1] = {'x'};

	strbuf_init(&sb, storage, sizeof(storage));
	same_str(sb.data, "", "room for the NUL alone");
	ok(!sb.cut, "nothing is cut yet");
	strbuf_addf(&sb, "%s", "");
	strbuf_add(&sb, "");
	ok(!sb.cut, "nothing fits nowhere");
	strbuf_addc(&sb, 'a');
	ok(sb.cut && sb.len == 0 && sb.data[0] == '\0', "a byte does not fit");
	strbuf_add_value(&sb, "a b", 9);
	strbuf_add_url(&sb, "a b");
	strbuf_addf(&sb, "%d", 12345);
	ok(sb.cut && sb.len == 0 && sb.data[0] == '\0', "nothing else does");
}

/* In storage of its own size, so that a sanitizer sees the byte past it. */
static void
test_every_size(void)
{
	static const char hostile[] = "a\n\"\\\x80 b";
	bool good = true;
	size_t size;

	for (size = 1; size < 32; size++) {
		char *storage = malloc(size);
		struct strbuf sb;

		if (storage == NULL)
			break;
		strbuf_init(&sb, storage, size);
		strbuf_add_value(&sb, hostile, 64);
		good &= sb.len < size && sb.data[sb.len] == '\0' && sb.cut == (size <= 21);
		free(storage);
	}
	ok(good && size == 32, "a value ends within storage of any size");
}

static void
test_visible(void)
{
	char out[64];
	struct strbuf sb;

	strbuf_init(&sb, out, sizeof(out));
	strbuf_add_visible(&sb, "\xef\xbb\xbfmode \"a\\b\"\t\x7f");
	same_str(out, "\\u00ef\\u00bb\\u00bfmode \"a\\b\"\\u0009\\u007f",
	    "visible: bytes alone are escaped");
}

static void
test_copy(void)
{
	char out[4];

	ok(strbuf_copy(out, sizeof(out), "") && strcmp(out, "") == 0, "copy of nothing");
	ok(strbuf_copy(out, sizeof(out), "abc") && strcmp(out, "abc") == 0,
	    "copy that just fits");
	ok(!strbuf_copy(out, sizeof(out), "abcd") && strcmp(out, "abc") == 0,
	    "copy one too long");
	ok(!strbuf_copy(out, 1, "a") && strcmp(out, "") == 0, "copy into no room");
}

int
main(void)
{
	test_values();
	test_urls();
	test_numbers();
	test_bounds();
	test_smallest();
	test_every_size();
	test_visible();
	test_copy();
	return done();
}
