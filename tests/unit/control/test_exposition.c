/* SPDX-License-Identifier: BSD-2-Clause */
/* test_exposition.c - families, labels of any text, and histograms, byte for byte. */
#include "config.h"

#include "control/exposition.h"

#include <stdlib.h>

#include "tap.h"

static const struct histogram_bounds bounds = {3, {1, 50, 2500}};

static const char want[] = "# HELP a_total How many.\n"
			   "# TYPE a_total counter\n"
			   "a_total 18446744073709551615\n"
			   "a_total{x=\"1\"} 0\n"
			   "a_total{x=\"1\",y=\"\",z=\"3\"} 5\n"
			   "a_total{x=\"a\\\\b\",y=\"\\\"\\n\xc3\xbc\"} 7\n"
			   "# HELP s Seconds.\n"
			   "# TYPE s gauge\n"
			   "s 0\n"
			   "s 10\n"
			   "s 1.05\n"
			   "s 0\n"
			   "# HELP h Long.\n"
			   "# TYPE h histogram\n"
			   "h_bucket{le=\"0.001\"} 2\n"
			   "h_bucket{le=\"0.05\"} 2\n"
			   "h_bucket{le=\"2.5\"} 3\n"
			   "h_bucket{le=\"+Inf\"} 4\n"
			   "h_sum 4.002\n"
			   "h_count 4\n"
			   "h_bucket{l=\"z\",le=\"0.001\"} 0\n"
			   "h_bucket{l=\"z\",le=\"0.05\"} 0\n"
			   "h_bucket{l=\"z\",le=\"2.5\"} 0\n"
			   "h_bucket{l=\"z\",le=\"+Inf\"} 0\n"
			   "h_sum{l=\"z\"} 0\n"
			   "h_count{l=\"z\"} 0\n";

int
main(void)
{
	static struct histogram h, none;
	struct exposition e = {0};
	size_t len = 0;
	char *text = NULL;

	if ((e.out = open_memstream(&text, &len)) == NULL)
		return 1;
	histogram_add(&h, &bounds, 1);
	histogram_add(&h, &bounds, 0);
	histogram_add(&h, &bounds, 1000);
	histogram_add(&h, &bounds, 3001);
	exposition_family(&e, "a_total", "counter", "How many.");
	exposition_number(&e, NULL, NULL, NULL, NULL, UINT64_MAX);
	exposition_number(&e, "x", "1", NULL, NULL, 0);
	exposition_number3(
	    &e, (const char *const[]){"x", "y", "z"}, (const char *const[]){"1", "", "3"}, 5);
	exposition_number(&e, "x", "a\\b", "y", "\"\n\xc3\xbc", 7);
	exposition_family(&e, "s", "gauge", "Seconds.");
	exposition_seconds(&e, 0);
	exposition_seconds(&e, 10000);
	exposition_seconds(&e, 1050);
	exposition_seconds(&e, -1);
	exposition_family(&e, "h", "histogram", "Long.");
	exposition_histogram(&e, NULL, NULL, &h, &bounds);
	exposition_histogram(&e, "l", "z", &none, &bounds);
	fclose(e.out);
	same_str(text, want, "the text");
	free(text);
	return done();
}
