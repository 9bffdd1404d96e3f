// PCRE2 names its functions by macros, which do not import into Swift: each use has a wrapper here.
#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static inline pcre2_code *distnb_pcre2_compile(const unsigned char *pattern, size_t length, int *error, size_t *offset) {
    return pcre2_compile(pattern, length, PCRE2_UTF | PCRE2_UCP, error, offset, NULL);
}

// As Oniguruma reads tokenizers' expressions: `^` and `$` stand at lines. Compiled to machine code where that is possible.
static inline pcre2_code *distnb_pcre2_compile_cutting(
    const unsigned char *pattern, size_t length, int *error, size_t *offset) {
    pcre2_code *code = pcre2_compile(pattern, length, PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, error, offset, NULL);
    if (code) pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
}

static inline void distnb_pcre2_free(pcre2_code *code) { pcre2_code_free(code); }

// The limits bound the time and the memory that a hostile pattern can take.
static inline pcre2_match_context *distnb_pcre2_context(unsigned int steps) {
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(context, steps);
    pcre2_set_heap_limit(context, 65536);
    return context;
}

static inline void distnb_pcre2_context_free(pcre2_match_context *context) { pcre2_match_context_free(context); }

// Matches from an offset on. The text is known to be UTF-8: checking it anew for each match would be quadratic.
static inline int distnb_pcre2_match(
    const pcre2_code *code, const unsigned char *text, size_t length, size_t start, pcre2_match_data *match,
    pcre2_match_context *context) {
    return pcre2_match(code, text, length, start, PCRE2_NO_UTF_CHECK, match, context);
}

// The same, once more without machine code where its stack was too small.
static inline int distnb_pcre2_match_cutting(
    const pcre2_code *code, const unsigned char *text, size_t length, size_t start, pcre2_match_data *match,
    pcre2_match_context *context) {
    int count = pcre2_match(code, text, length, start, PCRE2_NO_UTF_CHECK, match, context);
    if (count == PCRE2_ERROR_JIT_STACKLIMIT)
        count = pcre2_match(code, text, length, start, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, match, context);
    return count;
}

static inline unsigned int distnb_pcre2_groups(pcre2_match_data *match) { return pcre2_get_ovector_count(match); }

static inline pcre2_match_data *distnb_pcre2_match_data(const pcre2_code *code) {
    return pcre2_match_data_create_from_pattern(code, NULL);
}

static inline void distnb_pcre2_match_data_free(pcre2_match_data *match) { pcre2_match_data_free(match); }

static inline const size_t *distnb_pcre2_places(pcre2_match_data *match) { return pcre2_get_ovector_pointer(match); }
