namespace SearchEngine.Cli.Tests;

/// <summary>The files on which an earlier edition lost text, ingested once by the real command line; tests only read it.</summary>
public sealed class IngestedCases : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal CliResult Ingest { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.Combine("cases"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Cases")))
            File.Copy(file, _folder.Combine("cases", Path.GetFileName(file)));
        Ingest = await CliProcess.RunAsync(_folder.Path, "ingest", "cases", "--json");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    internal Task<CliResult> RunAsync(params string[] arguments) => CliProcess.RunAsync(_folder.Path, arguments);
}
