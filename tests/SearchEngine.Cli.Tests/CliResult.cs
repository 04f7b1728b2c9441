using System.Text.Json;

namespace SearchEngine.Cli.Tests;

/// <summary>What a run of the command line gave.</summary>
internal sealed record CliResult(int ExitCode, string Out, string Error)
{
    public string[] OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The one JSON document on stdout.</summary>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Out);
            return document.RootElement.Clone();
        }
    }

    /// <summary>Fails with both streams in the message unless the exit code is the expected one.</summary>
    public CliResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, expected {exitCode}\nstdout: {Out}\nstderr: {Error}");
        return this;
    }

    /// <summary>Wrong use or failure: exit code 2, nothing on stdout, one line on stderr that holds all the parts.</summary>
    public void ExpectOneLineError(params string[] parts)
    {
        Expect(2);
        Assert.Equal(string.Empty, Out);
        var line = Assert.Single(ErrorLines);
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, line, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
    }
}
