internal import Distillation
internal import OpenAIWire

/// Why a job trained no model, in words for people.
enum JobFailure {
    /// A job that has ended without a model.
    /// - Parameters:
    ///   - trouble: what its events say went wrong, where the job itself gives no reason.
    static func ended(_ job: FineTuningJob, trouble: [String], endpoint: ServiceEndpoint) -> ProviderError {
        if job.isCancelled {
            return ProviderError(
                "The fine-tuning job \(job.id) was cancelled at the service.",
                hint: "run the cell again: it asks for a new job, and its rows need not be sent again")
        }
        let failure = job.failure
        let words = failure?.message ?? trouble.last ?? ""
        guard failure != nil || !words.isEmpty else {
            return ProviderError(
                "The fine-tuning job \(job.id) ended as `\(job.status)`; \(endpoint.host) gives no reason.",
                hint: "look at the job in the service's own pages; running the cell again asks for a new one")
        }
        let fault = ServiceFault.read(
            jobCode: failure?.code, message: words, endpoint: endpoint.address, model: job.model)
        let place = failure?.param.map { " because of `\($0)`" } ?? ""
        return ProviderError(
            "The fine-tuning job \(job.id) failed\(place). \(fault.message)",
            hint: fault.hint ?? "running the cell again asks for a new job; its rows need not be sent again")
    }
}

extension FineTuningJob {
    /// Azure has written it with one l.
    var isCancelled: Bool { status == .cancelled || status == "canceled" }
}
