internal import Distillation

extension FaultRule {
    /// What cannot be trained at all: known by words that more general rules would take for theirs.
    static let closed: [FaultRule] = [
        FaultRule(
            name: "tuning-closed", place: .fineTuning, services: "OpenAI", statuses: 400...410,
            codes: ["training_not_available"],
            words: [
                "fine-tuning is no longer available", "no longer accepts fine-tuning", "fine-tuning platform",
                "self-serve fine-tuning", "fine-tuning is not available", "no longer able to create new fine-tuning",
            ], kind: .endsRun, sentence: "{host} takes no new fine-tuning jobs from this account.",
            hint:
                "train on this machine: a student with \"provider\": \"embedded\" beside a teacher there (docs/kernels.md)",
            quotes: true, source: FaultSource.openaiEnds),
        FaultRule(
            name: "not-tunable", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            codes: ["model_not_available_for_fine_tuning", "unsupported_model", "fine_tuning_not_supported"],
            words: [
                "not available for fine-tuning", "does not support fine-tuning", "cannot be fine-tuned",
                "fine-tuning of this",
                "cannot be finetuned",
            ], kind: .endsRun, sentence: "{host} cannot fine-tune {model}.",
            hint:
                "name a snapshot that can be, such as gpt-4.1-mini-2025-04-14, as the student in your own kernel.json",
            quotes: true, source: FaultSource.openaiTuning),
        FaultRule(
            name: "bad-suffix", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            words: ["'suffix'", "`suffix`"], kind: .endsRun, sentence: "{host} does not take this suffix.",
            hint: "64 characters at most, letters, digits and hyphens: finetune …, suffix: \"zava\"", quotes: true,
            source: FaultSource.openaiSchema),
    ]

    /// Files, fine-tuning jobs and deployments.
    static let fineTuning: [FaultRule] = [
        FaultRule(
            name: "few-examples", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            codes: ["invalid_n_examples"],
            words: ["at least 10 examples", "must have at least", "too few examples", "not enough examples"],
            kind: .endsRun, sentence: "{host} trains with 10 rows at the least.",
            hint: "keep more rows: look at what `where` leaves, or generate more", quotes: true,
            source: FaultSource.openaiTuning),
        FaultRule(
            name: "reserved-text", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            words: ["contains an invalid token", "disallowed special token"], kind: .endsRun,
            sentence: "A training row has a text that the models of {host} keep for themselves, such as <|endoftext|>.",
            hint: "leave the row out, or replace the text", quotes: true,
            source: "https://github.com/johny-b/llmcomp/issues/59"),
        FaultRule(
            name: "training-blocked", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            words: ["usage policies", "violates our", "moderation", "content safety", "safety evaluation"],
            kind: .endsRun, sentence: "{host} did not take the training rows: a filter objects to them.",
            hint: "look through the rows for what its rules forbid, and leave these out", quotes: true,
            source: FaultSource.openaiTuning),
        FaultRule(
            name: "bad-training-file", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            codes: [
                "invalid_training_file", "invalid_validation_file", "invalid_file_format", "invalid_file",
                "invalidpayload",
                "filenotready",
            ], words: ["training file", "validation file", "invalid file format", "file failed validation"],
            kind: .endsRun,
            sentence: "{host} could not use the training file.",
            hint:
                "what it says names the row; distnb doctor FILE looks at the rows and shows the first as it is learnt",
            quotes: true,
            source: FaultSource.openaiTuning),
        FaultRule(
            name: "file-too-large", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            codes: ["file_too_large", "filetoolarge"],
            words: ["file is too large", "file size", "maximum allowed size"],
            kind: .endsRun, sentence: "The training file is larger than {host} takes (512 MB).",
            hint: "train on fewer or shorter rows: rows | sample 10000", source: FaultSource.openaiSchema),
        FaultRule(
            name: "storage-full", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...429,
            words: ["storage limit", "file quota", "storage quota", "maximum number of files"], kind: .endsRun,
            sentence: "There is no room for another file at {host}.",
            hint: "delete old files there: those of distnb are called distnb-training-… and distnb-validation-…",
            quotes: true,
            source: FaultSource.openaiSchema),
        FaultRule(
            name: "job-money", place: .fineTuning, services: "OpenAI", statuses: 400...429,
            words: ["exceed your hard limit", "cost of job"], kind: .endsRun,
            sentence: "The job would cost more than the account at {host} may spend.",
            hint: "raise the limit or add credit on its billing pages, then run again; the rows need not be sent again",
            quotes: true, source: FaultSource.openaiTuning),
        FaultRule(
            name: "job-quota", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...429,
            codes: ["exceeded_quota", "fine_tuning_quota_exceeded", "daily_rate_limit_exceeded"],
            words: [
                "exceeded quota", "fine-tuning jobs for this", "fine-tune requests that", "running or queued jobs",
                "maximum number of fine",
            ], kind: .endsRun, sentence: "{host} takes no more fine-tuning jobs for now.",
            hint: "wait for running jobs to end, or raise the limit there; run again, the file is still there",
            quotes: true,
            source: FaultSource.openaiTuning),
        FaultRule(
            name: "bad-hyperparameter", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            codes: ["invalid_hyperparameter", "invalid_hyperparameters"],
            words: ["n_epochs", "batch_size", "learning_rate_multiplier", "hyperparameter"], kind: .endsRun,
            sentence: "{host} does not take an option of the training.",
            hint: "epochs 1 to 50, batch_size 1 to 256; leave options out and the service chooses", quotes: true,
            source: FaultSource.openaiSchema),
        FaultRule(
            name: "example-too-long", place: .fineTuning, services: "OpenAI, Azure", statuses: 400...422,
            words: ["examples longer than", "exceeds the maximum token", "example exceeds", "tokens per example"],
            kind: .endsRun, sentence: "A training row is longer than {host} takes.",
            hint: "rows | where len(.output) < 20_000, or split long rows", quotes: true,
            source: FaultSource.openaiTuning),
        FaultRule(
            name: "deployment-exists", place: .fineTuning, services: "Azure", flavours: [.azure], statuses: 409...409,
            words: ["deployment"], kind: .again, sentence: "A deployment at {host} is still being made or removed.",
            hint: "it will be tried again", quotes: true, source: FaultSource.azureTuning),
        FaultRule(
            name: "deployment-quota", place: .fineTuning, services: "Azure", flavours: [.azure], statuses: 400...429,
            codes: ["insufficientquota", "deploymentlimitexceeded"],
            words: ["new capacity", "deployment limit", "insufficient quota", "deployments allowed"], kind: .endsRun,
            sentence: "The subscription has no room for another deployment on {host}.",
            hint: "remove one, or set a smaller deployment.capacity in the kernel; a fine-tuned one costs by the hour",
            quotes: true, source: FaultSource.azureTuning),
        FaultRule(
            name: "job-failed-inside", place: .fineTuning, services: "OpenAI, Azure", statuses: 500...599,
            codes: ["job_internal_error", "jobinternalerror"], words: ["job failed due to an internal error"],
            kind: .endsRun, sentence: "The fine-tuning job failed at {host} by an error of its own.",
            hint: "run again: a new job is made of the same file", quotes: true, source: FaultSource.openaiTuning),
        FaultRule(
            name: "file-not-ready", place: .fineTuning, services: "Azure", flavours: [.azure], statuses: 409...429,
            codes: ["importingfile", "importing"], words: ["still importing", "being processed"], kind: .again,
            sentence: "{host} still works on the file.", hint: "it will be tried again", source: FaultSource.azureTuning
        ),
    ]
}
