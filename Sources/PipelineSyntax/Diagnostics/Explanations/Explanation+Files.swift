/// E05 and E06: files, saved state, what stops a cell, and exercises.
extension Explanation {
    static let ofFiles: [Explanation] = [
        Explanation(
            .badData, "A data file has a place that is not what its format says.",
            wrong: ["load \"broken.jsonl\""], right: ["load \"broken.jsonl\", bad_rows: \"skip\""],
            why: "A row that is left out in silence changes a result. Mend the line, or say `bad_rows: \"skip\"`: then "
                + "they are counted and told."),
        Explanation(
            .missingFile, "There is no such file.",
            wrong: ["load \"questons.jsonl\""], right: ["load \"questions.jsonl\""],
            why: "Paths begin at the notebook's folder, whatever folder the program was started in."),
        Explanation(
            .outsideRoot, "The file lies outside the folder that the notebook may read, or outside `out/`.",
            wrong: ["load \"../secret.csv\""], right: ["load \"bank.csv\""],
            why:
                "A notebook from a stranger must not read other files of yours, nor write over them. It reads only its "
                + "own folder (and what you name with `-p`), and writes only under `out/`."),
        Explanation(
            .unreadableFile, "The file is there but cannot be read: a folder, a device, or one without permission.",
            wrong: ["load \"more\", format: \"csv\""], right: ["load \"bank.csv\""],
            why: "Only plain files have the same content each time they are read."),
        Explanation(
            .unknownFormat, "The file's ending does not say how it is to be read or written.",
            wrong: ["load \"notes.txt\""], right: ["load \"bank.csv\""],
            why: "Guessing from the content would be wrong once in a while, and nobody would notice. `format:` says it "
                + "where the ending does not."),
        Explanation(
            .cannotWrite, "The file cannot be written.",
            why: "The disk is full, or the folder's permissions do not allow it. Files are replaced whole: the old one "
                + "is still there."),
        Explanation(
            .missingState,
            "A value that the cell needs is not there: its cell has a mistake, or its saved state is gone.",
            why: "A cell must not compute with values that do not fit the code above it."),
        Explanation(
            .interrupted, "The cell was interrupted by Ctrl-C.",
            why: "Completions and training steps that were done are kept; running again goes on from there."),
        Explanation(
            .timedOut, "The cell took longer than `--timeout` allows.",
            why: "As with Ctrl-C, what is done is kept."),
        Explanation(
            .outOfMemory,
            "The cell filled four fifths of the machine's memory and was stopped, or a training would not fit.",
            why:
                "Everything that a cell computes lies in memory. Fewer rows or columns take less of it. What a training "
                + "takes is estimated before its first step; smaller batches with `accumulate:`, or `update: \"lora\"`, "
                + "take less."),
        Explanation(
            .budgetSpent, "The run has spent what `--budget` allows: dollars, tokens or time.",
            why: "Requests are sent only as far as the most that they can take still fits, so a budget of dollars or "
                + "tokens is never exceeded. Every answer that was paid for is in the store: running again with more "
                + "goes on where it stopped."),
        Explanation(
            .checkFailed, "A check of an exercise does not hold yet.",
            wrong: ["let few = bank | take 2\ncheck len(few) == 3, \"three rows are taken\""],
            right: ["let few = bank | take 3\ncheck len(few) == 3, \"three rows are taken\""],
            why: "`check` holds a learner's work against a condition; each further failure tells the next hint."),
    ]
}
