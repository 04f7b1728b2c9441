using System.Globalization;

namespace SearchEngine.Workloads.Store;

/// <summary>What a run of <see cref="StoreMillion"/> does, passed from the parent to its children as arguments.</summary>
internal sealed record MillionOptions(
    string? Directory,
    int Count,
    int Dimensions,
    int MemoryMegabytes,
    int Batch,
    int TailRecords,
    int CheckpointMegabytes,
    int IndexThreads,
    bool Again
)
{
    /// <summary>
    /// Half of the index's default: the workload is about the store, and the graph's quality is held in the ann workloads.
    /// </summary>
    public const int EfConstruction = 100;

    public SearchDatabaseOptions ToDatabase() =>
        new()
        {
            Directory = Directory!,
            MemoryBytes = (long)MemoryMegabytes << 20,
            CheckpointLogBytes = (long)CheckpointMegabytes << 20,
            IndexThreads = IndexThreads,
        };

    public IEnumerable<string> ToArguments() =>
        [
            "--directory",
            Directory!,
            "--count",
            Text(Count),
            "--dimensions",
            Text(Dimensions),
            "--memory-mb",
            Text(MemoryMegabytes),
            "--batch",
            Text(Batch),
            "--tail",
            Text(TailRecords),
            "--checkpoint-mb",
            Text(CheckpointMegabytes),
            "--index-threads",
            Text(IndexThreads),
            .. Again ? (string[])["--again"] : [],
        ];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
