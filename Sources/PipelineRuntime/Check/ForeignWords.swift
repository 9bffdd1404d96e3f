/// Words that people bring from SQL, pandas, dplyr, jq, the shell and JavaScript, with what does the same here.
enum ForeignWords {
    /// What to write instead of a verb.
    enum Verb {
        /// A verb here that takes the same arguments.
        case synonym(String)
        /// Code that does the same, with `$1` `$2` `$3` for the arguments.
        case form(String)
        /// A sentence or code that shows the way.
        case code(String)
    }

    /// By the foreign verb in lower case.
    static let verbs: [String: Verb] = [
        "filter": .synonym("where"), "having": .synonym("where"), "keep": .synonym("where"), "query": .synonym("where"),
        "subset": .synonym("where"),
        "slice_head": .synonym("take"), "head": .synonym("take"), "limit": .synonym("take"),
        "offset": .synonym("skip"), "tail": .code("| skip 10 leaves the first ten out"),
        "slice_sample": .synonym("sample"), "sample_n": .synonym("sample"), "shuf": .synonym("shuffle"),
        "order_by": .synonym("sort"), "orderby": .synonym("sort"), "arrange": .synonym("sort"),
        "sort_by": .synonym("sort"), "sort_values": .synonym("sort"), "order": .synonym("sort"),
        "uniq": .synonym("distinct"), "drop_duplicates": .synonym("distinct"),
        "groupby": .synonym("group"), "group_by": .synonym("group"), "n": .code("count()"),
        "map": .code("| each … for a list, | derive new: … for a column"),
        "mutate": .synonym("derive"), "assign": .synonym("derive"), "with_column": .synonym("derive"),
        "transmute": .code("| derive new: … | select .new"), "foreach": .synonym("each"),
        "print": .code("a cell's last value is its output; | show 10 shows rows"),
        "echo": .code("a cell's last value is its output; \"…\" alone shows text"),
        "console": .code("a cell's last value is its output; | show 10 shows rows"),
        "summarize": .code("| group .column, n: count()"), "summarise": .code("| group .column, n: count()"),
        "aggregate": .code("| group .column, n: count()"), "agg": .code("| group .column, n: count()"),
        "value_counts": .code("| group .column, n: count() | sort desc(.n)"), "tally": .code("len(rows)"),
        "nrow": .synonym("len"), "shape": .synonym("len"),
        "columns": .synonym("keys"), "colnames": .synonym("keys"), "names": .synonym("keys"), "length": .synonym("len"),
        "size": .synonym("len"), "nchar": .synonym("len"),
        "count_rows": .synonym("len"), "len_rows": .synonym("len"), "wc": .code("len(rows)"),
        "average": .synonym("mean"), "avg": .synonym("mean"),
        "read_csv": .synonym("load"), "read_json": .synonym("load"), "read_jsonl": .synonym("load"),
        "open": .synonym("load"), "load_dataset": .code("load \"data/file.jsonl\""),
        "cat": .code("load \"data/file.jsonl\""),
        "to_csv": .code("| save \"out/rows.csv\""), "write_csv": .code("| save \"out/rows.csv\""),
        "write": .code("| save \"out/rows.jsonl\""), "dump": .code("| save \"out/rows.jsonl\""),
        "train": .synonym("finetune"), "fit": .synonym("finetune"), "fine_tune": .synonym("finetune"),
        "predict": .synonym("generate"), "infer": .synonym("generate"), "complete": .synonym("generate"),
        "evaluate": .synonym("grade"), "eval": .synonym("grade"), "score": .synonym("grade"),
        "chat": .synonym("ask"), "prompt": .synonym("ask"), "plot_line": .synonym("plot"), "chart": .synonym("plot"),
        "lowercase": .synonym("lower"), "tolower": .synonym("lower"), "to_lower": .synonym("lower"),
        "uppercase": .synonym("upper"), "toupper": .synonym("upper"), "to_upper": .synonym("upper"),
        "strip": .synonym("trim"), "trimws": .synonym("trim"), "str": .synonym("text"), "string": .synonym("text"),
        "tostring": .synonym("text"), "as_text": .synonym("text"), "int": .synonym("number"),
        "float": .synonym("number"), "tonumber": .synonym("number"), "as_number": .synonym("number"),
        "as_numeric": .synonym("number"), "parse_number": .synonym("number"),
        "parse_json": .synonym("json"), "fromjson": .synonym("json"), "tojson": .synonym("json_text"),
        "startswith": .synonym("starts_with"), "endswith": .synonym("ends_with"),
        "gsub": .form("replace($3, $1, $2)"), "sub": .form("replace($3, $1, $2)"),
        "grep": .code("| where matches(.text, 'pattern')"), "grepl": .form("matches($2, $1)"),
        "str_detect": .form("matches($1, $2)"),
        "str_contains": .form("$2 in $1"), "includes": .form("$2 in $1"),
        "pluck": .synonym("select"), "join_by": .code("on: .column"),
        "isnull": .form("$1 is null"), "isna": .form("$1 is null"), "is_null": .form("$1 is null"),
        "is_na": .form("$1 is null"), "notnull": .form("$1 is not null"), "notna": .form("$1 is not null"),
        "is_empty": .form("$1 is null"), "isempty": .form("$1 is null"), "ascii_downcase": .synonym("lower"),
        "ascii_upcase": .synonym("upper"),
        "coalesce": .form("$1 ?? $2"), "ifnull": .form("$1 ?? $2"), "nvl": .form("$1 ?? $2"),
        "ifelse": .form("if $1 then $2 else $3"), "if_else": .form("if $1 then $2 else $3"),
        "iif": .form("if $1 then $2 else $3"), "iff": .form("if $1 then $2 else $3"),
        "case_when": .form("if $1 then $2 else null"), "range": .code("1..10"), "seq": .form("$1..$2"),
        "concat": .form("\"${$1}${$2}\""), "paste": .form("\"${$1} ${$2}\""), "paste0": .form("\"${$1}${$2}\""),
        "format": .code("\"${.a} ${.b}\""),
        "c": .form("[$*]"), "list": .form("[$*]"), "vector": .form("[$*]"), "dict": .code("{name: value}"),
        "jq": .code("load \"data/file.jsonl\" | …; every verb is here"),
        "library": .code("every verb is there already"),
        "require": .code("every verb is there already"),
        "train_test_split": .code("| split {train: 0.8, test: 0.2}, seed: 7"),
        "dropna": .code("| where .column is not null"), "fillna": .code("| derive column: .column ?? \"value\""),
        "astype": .code("number(.column)"), "apply": .code("| derive new: …"),
        "left_join": .code("| join other, on: .column, keep: \"left\""),
        "inner_join": .code("| join other, on: .column"),
        "join_left": .code("| join other, on: .column, keep: \"left\""),
        "append": .synonym("union"), "bind_rows": .synonym("union"), "rbind": .synonym("union"),
        "union_all": .synonym("union"), "unnest": .synonym("explode"), "flat_map": .synonym("explode"),
        "asc": .code("ascending order goes without saying: | sort .column"),
        "pivot_table": .code("| group .column, n: count()"), "pivot": .code("| group .column, n: count()"),
        "strlen": .synonym("len"), "char_length": .synonym("len"), "substr": .form("slice($1, $2, $3)"),
        "substring": .form("slice($1, $2, $3)"), "indexof": .synonym("index_of"), "pow": .synonym("power"),
        "to_date": .synonym("date"), "as_date": .synonym("date"), "parse_date": .synonym("date"),
        "strftime": .synonym("format_date"), "to_char": .synonym("format_date"),
        "today": .code("\"2026-11-01\"; a program says the same every day"),
        "now": .code("\"2026-11-01\"; a program says the same every day"),
        "isin": .form("$1 in $2"), "between": .form("$1 >= $2 and $1 <= $3"),
        "std": .synonym("stdev"), "sd": .synonym("stdev"), "stddev": .synonym("stdev"), "var": .synonym("variance"),
        "nunique": .synonym("count_distinct"), "n_distinct": .synonym("count_distinct"),
        "percentile": .synonym("quantile"), "array_agg": .synonym("collect"), "to_json": .synonym("json_text"),
        "string_agg": .form("join_text(collect($1), $2)"), "group_concat": .form("join_text(collect($1), $2)"),
    ]

    /// Values by another name.
    static let values: [String: String] = [
        "True": "true", "False": "false", "TRUE": "true", "FALSE": "false", "None": "null", "NULL": "null",
        "none": "null", "nil": "null", "undefined": "null", "NA": "null", "NaN": "null", "nan": "null",
    ]

    /// Named arguments of verbs by another name.
    static let arguments: [String: String] = [
        "lr": "learning_rate", "random_state": "seed", "random_seed": "seed", "batch": "batch_size",
        "num_epochs": "epochs", "max_length": "max_tokens", "max_new_tokens": "max_tokens", "system_prompt": "system",
        "temp": "temperature", "topp": "top_p", "val": "validation", "eval": "validation", "metric": "with",
        "metrics": "with", "grader": "with", "type": "kind", "evaluation_metric": "metric", "num_samples": "samples",
        "key": "on",
        "lmbda": "lambda", "kd_weight": "kd_ratio", "distill_ratio": "kd_ratio",
    ]
}
