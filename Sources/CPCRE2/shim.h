// PCRE2 names its functions by macros, which do not import into Swift: each use has a wrapper here.
#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static inline pcre2_code *distnb_pcre2_compile(const unsigned char *pattern, size_t length, int *error, size_t *offset) {
    return pcre2_compile(pattern, length, PCRE2_UTF | PCRE2_UCP, error, offset, NULL);
}

static inline void distnb_pcre2_free(pcre2_code *code) { pcre2_code_free(code); }

// Matches from an offset on; the limits bound the time and the memory that a hostile pattern can take.
static inline int distnb_pcre2_match(
    const pcre2_code *code, const unsigned char *text, size_t length, size_t start, unsigned int steps,
    pcre2_match_data *match) {
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(context, steps);
    pcre2_set_heap_limit(context, 65536);
    int count = pcre2_match(code, text, length, start, 0, match, context);
    pcre2_match_context_free(context);
    return count;
}

static inline pcre2_match_data *distnb_pcre2_match_data(const pcre2_code *code) {
    return pcre2_match_data_create_from_pattern(code, NULL);
}

static inline void distnb_pcre2_match_data_free(pcre2_match_data *match) { pcre2_match_data_free(match); }

static inline const size_t *distnb_pcre2_places(pcre2_match_data *match) { return pcre2_get_ovector_pointer(match); }
