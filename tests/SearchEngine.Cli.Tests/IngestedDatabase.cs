namespace SearchEngine.Cli.Tests;

/// <summary>The sample documents, ingested once by the real command line; tests only read it.</summary>
public sealed class IngestedDatabase : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string WorkingFolder => _folder.Path;

    public string DataFolder => _folder.Combine("data");

    internal CliResult Ingest { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        SampleDocuments.WriteTo(_folder);
        Ingest = await CliProcess.RunAsync(WorkingFolder, "ingest", "docs", "--data", "data", "--json");
        Ingest.Expect(0);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    internal Task<CliResult> RunAsync(params string[] arguments) => CliProcess.RunAsync(WorkingFolder, [.. arguments, "--data", "data"]);
}
