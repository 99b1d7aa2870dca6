/* SPDX-License-Identifier: BSD-2-Clause */
/* verdict/input.c - what the evidence says by itself, before anything is weighed. */
#include "config.h"

#include "verdict/input.h"

#include <stddef.h>

bool
input_hear(const struct verdict_input *input, const struct vote *vote, struct hit *hit)
{
	const struct listing *list = input->roster->list[vote->list];
	const struct fact *fact = &input->facts[vote->list];

	hit->list = vote->list;
	hit->answer = NULL;
	if (!listset_has(input->suspended, vote->list))
		hit->answer = listing_answer(list, fact, &hit->code);
	if (hit->answer == NULL)
		return false;
	hit->score = listing_score(list, fact, hit->answer) * vote->weight;
	return true;
}

bool
input_is_missing(const struct verdict_input *input, unsigned list)
{
	enum fact_state state = input->facts[list].state;

	return state == FACT_UNKNOWN || state == FACT_ERROR;
}

bool
input_is_void(const struct verdict_input *input, unsigned list)
{
	return listset_has(input->suspended, list) || input->roster->list[list]->shadow;
}

int
input_spf_score(const struct verdict_input *input)
{
	const struct spf_rule *rule = &input->policy->spf[input->spf];

	return rule->effect == SPF_SCORE ? rule->score : 0;
}

bool
input_may_be_trusted(const struct verdict_input *input)
{
	return (input->host_trusted &&
		   (input->host == HOST_UNCHECKED || input->host == HOST_UNKNOWN)) ||
	    (input->sender_trusted &&
		(input->spf == SPF_UNCHECKED || input->spf == SPF_UNKNOWN ||
		    input->spf == SPF_TEMPERROR));
}

enum action
input_spf_nominal(const struct verdict_input *input)
{
	switch (input->policy->spf[input->spf].effect) {
	case SPF_DEFER:
		return ACTION_DEFER;
	case SPF_REFUSE:
		return ACTION_REFUSE;
	case SPF_IGNORE:
	case SPF_SCORE:
		break;
	}
	return ACTION_PASS;
}

enum action
input_spf_action(const struct verdict_input *input)
{
	enum action nominal = input_spf_nominal(input);

	if (nominal != ACTION_REFUSE || !input_may_be_trusted(input))
		return nominal;
	switch (input->policy->doubt) {
	case DOUBT_DEFER:
		return ACTION_DEFER;
	case DOUBT_PASS:
		return ACTION_PASS;
	case DOUBT_REFUSE:
		break;
	}
	return nominal;
}
