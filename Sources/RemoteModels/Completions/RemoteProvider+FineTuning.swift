package import Distillation

extension RemoteProvider {
    package func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        try RemoteFineTuning(profile, kernel: kernel.name, surroundings: surroundings)
            .run(job, supervision: supervision)
    }

    package func checkpointKey(of job: FineTuneJob) throws -> String {
        try RemoteFineTuning(profile, kernel: kernel.name, surroundings: surroundings).key(of: job)
    }
}
