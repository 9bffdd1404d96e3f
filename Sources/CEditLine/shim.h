// libedit's variadic functions do not import into Swift: each use has a wrapper of fixed arity here.
#pragma once
#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <wchar.h>

typedef unsigned char (*distnb_el_function)(EditLine *, int);

static inline EditLine *distnb_el_init(const char *program) { return el_init(program, stdin, stdout, stderr); }

static inline void distnb_use_locale(void) { setlocale(LC_CTYPE, ""); }

static inline void distnb_el_set_prompt(EditLine *editor, char *(*prompt)(EditLine *)) {
    el_set(editor, EL_PROMPT, prompt);
}

static inline void distnb_el_set_editor(EditLine *editor, const char *mode) { el_set(editor, EL_EDITOR, mode); }

static inline void distnb_el_set_signal(EditLine *editor, int on) { el_set(editor, EL_SIGNAL, on); }

static inline void distnb_el_set_history(EditLine *editor, History *history_) {
    el_set(editor, EL_HIST, history, history_);
}

static inline void distnb_el_set_client(EditLine *editor, void *data) { el_set(editor, EL_CLIENTDATA, data); }

static inline void *distnb_el_client(EditLine *editor) {
    void *data = NULL;
    el_get(editor, EL_CLIENTDATA, &data);
    return data;
}

static inline int distnb_el_add(EditLine *editor, const char *name, const char *help, distnb_el_function function) {
    return el_set(editor, EL_ADDFN, name, help, function);
}

static inline int distnb_el_bind(EditLine *editor, const char *key, const char *function) {
    return el_set(editor, EL_BIND, key, function, NULL);
}

static inline int distnb_history_size(History *history_, int size) {
    HistEvent event;
    return history(history_, &event, H_SETSIZE, size);
}

static inline int distnb_history_unique(History *history_) {
    HistEvent event;
    return history(history_, &event, H_SETUNIQUE, 1);
}

static inline int distnb_history_enter(History *history_, const char *line) {
    HistEvent event;
    return history(history_, &event, H_ENTER, line);
}

static inline int distnb_history_load(History *history_, const char *path) {
    HistEvent event;
    return history(history_, &event, H_LOAD, path);
}

static inline int distnb_history_save(History *history_, const char *path) {
    HistEvent event;
    return history(history_, &event, H_SAVE, path);
}

// One whole character: the narrow function gives up on everything beyond ASCII.
static inline int distnb_el_next(EditLine *editor, unsigned int *character) {
    wchar_t wide = 0;
    int count = el_wgetc(editor, &wide);
    *character = (unsigned int)wide;
    return count;
}

static inline void distnb_el_set_reader(EditLine *editor, int (*reader)(EditLine *, wchar_t *)) {
    el_set(editor, EL_GETCFN, reader);
}

// libedit believes that the terminal is as it left it: away and back makes it look again.
static inline void distnb_el_prepare(EditLine *editor) {
    el_set(editor, EL_PREP_TERM, 0);
    el_set(editor, EL_PREP_TERM, 1);
}

static inline void distnb_el_refresh(EditLine *editor) { el_set(editor, EL_REFRESH); }

static inline int distnb_errno(void) { return errno; }
