namespace SearchEngine.Hosting;

internal sealed record ApiSettings
{
    public string Url { get; init; } = "http://127.0.0.1:5080";

    public int MaxConcurrentRequests { get; init; } = 32;

    public int QueueLimit { get; init; } = 64;

    public int MaxTop { get; init; } = 1000;

    /// <summary>Where snapshots go, a folder per collection.</summary>
    public string Snapshots { get; init; } = "./snapshots";
}
