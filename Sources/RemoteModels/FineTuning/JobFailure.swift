internal import Distillation
internal import OpenAIWire

/// Why a service trained no model, in words for people, and what to do.
enum JobFailure {
    /// A job that has ended without a model.
    /// - Parameters:
    ///   - trouble: what its events say went wrong, where the job itself gives no reason.
    static func ended(_ job: FineTuningJob, trouble: [String]) -> ProviderError {
        if job.isCancelled {
            return ProviderError(
                "The fine-tuning job \(job.id) was cancelled at the service.",
                hint: "run the cell again: it asks for a new job, and its files need not be sent again")
        }
        guard let failure = job.failure else {
            let words = trouble.last ?? "the service gives no reason"
            return ProviderError(
                "The fine-tuning job \(job.id) ended as `\(job.status)`: \(sentence(words))",
                hint: "look at the job in the service's own pages; running the cell again asks for a new one")
        }
        let place = failure.param.map { " (\($0))" } ?? ""
        return ProviderError(
            "The fine-tuning job \(job.id) failed\(place): \(sentence(failure.message.isEmpty ? failure.code : failure.message))",
            hint: advice(code: failure.code, message: failure.message))
    }

    /// A request for a job that the service refused.
    static func refused(_ error: APIErrorBody, status: Int, model: String) -> ProviderError? {
        let advice = advice(code: error.code ?? error.type ?? "", message: error.message, isKnownOnly: true)
        guard let advice else { return nil }
        return ProviderError("The service does not fine-tune \(model): \(sentence(error.message))", hint: advice)
    }

    /// What to do about an error, by its name.
    ///
    /// The names: OpenAI's fine-tuning guide and API reference (`exceeded_quota`, `invalid_training_file`,
    /// `invalid_validation_file`, `invalid_n_examples`), its answers as public repositories quote them
    /// (`training_not_available`, `model_not_available`, `model_not_found`, `invalid_file_format`), and Azure's,
    /// MicrosoftDocs/azure-ai-docs, `fine-tuning-troubleshoot.md` and its issue 116776. They are an open set.
    static func advice(code: String, message: String) -> String {
        advice(code: code, message: message, isKnownOnly: true)
            ?? "the service's reason stands above; running the cell again asks for a new job"
    }

    private static func advice(code: String, message: String, isKnownOnly: Bool) -> String? {
        let (code, words) = (code.lowercased(), message.lowercased())
        switch code {
        case "exceeded_quota", "insufficient_quota", "billing_hard_limit_reached", "billing_not_active":
            return "this is about money, not about the rows: raise the limit or add credit in the account's billing pages, "
                + "then run the cell again"
        case "training_not_available":
            return closed
        case "invalid_n_examples":
            return "the service trains on \(TrainingFile.leastRows) rows and more, and counts those that it can use: "
                + "generate more, or keep more"
        case "invalid_training_file", "invalid_validation_file", "invalid_file_format", "invalid_file":
            return "look at the rows that the reason names, counted from 1 in the order in which they were given: each needs "
                + "a user's message and a reply that is text"
        case "model_not_available", "model_not_found", "deploymentnotfound":
            return otherModel
        case "content_filter", "unsafe_file", "content_policy_violation", "moderation":
            return "the service's check of the rows found what it does not train on; leave such rows out"
        case "rate_limit_exceeded", "too_many_jobs", "jobs_limit_exceeded", "daily_rate_limit_exceeded":
            return "the account has as many jobs as it may: wait for the others, or cancel one, and run the cell again"
        case "server_error", "internal_error", "internalfailure":
            return "that was the service's own fault: run the cell again; the files need not be sent again"
        default: break
        }
        if words.contains("winding down") || words.contains("no longer able to create") { return closed }
        if words.contains("not available for fine-tuning") || words.contains("does not support fine-tuning") {
            return otherModel
        }
        if words.contains("at least 10 examples") { return advice(code: "invalid_n_examples", message: "") }
        if words.contains("contributor") || code == "authorizationfailed" {
            return "fine-tuning on Azure needs the role Cognitive Services OpenAI Contributor on the resource"
        }
        return nil
    }

    /// Source: developers.openai.com, deprecations, "self-serve fine-tuning", in steps from 7 May 2026 to 6 January 2027.
    private static let closed =
        "OpenAI closes fine-tuning step by step until 6 January 2027, and this organisation may start no new job; the same "
        + "cells run with --kernel azure, or with --kernel embedded on this machine"
    private static let otherModel =
        "the student must be a model that the service fine-tunes, by its full name such as gpt-4.1-mini-2025-04-14: "
        + "set the id of `student` in the kernel's kernel.json"

    /// Words that end as a sentence does.
    private static func sentence(_ words: String) -> String {
        var text = words
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.last.map { ".!?…".contains($0) } == true ? text : "\(text)."
    }
}

extension FineTuningJob {
    /// Azure has written it with one l.
    var isCancelled: Bool { status == .cancelled || status == "canceled" }
}
