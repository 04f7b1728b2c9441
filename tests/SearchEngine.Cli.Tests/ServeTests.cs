using System.Diagnostics;
using System.Text.RegularExpressions;
using ModelContextProtocol.Client;

namespace SearchEngine.Cli.Tests;

/// <summary><c>searchengine serve</c>, <c>mcp</c> and <c>key</c>: the host from the one tool.</summary>
public sealed partial class ServeTests
{
    [Fact]
    public async Task A_key_is_made_with_its_hash()
    {
        using var folder = new TemporaryFolder();
        var result = await CliProcess.RunAsync(folder.Path, "key");
        Assert.Matches(Key(), result.Expect(0).Out.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_public_address_without_a_key_is_refused()
    {
        using var folder = new TemporaryFolder();
        var result = await CliProcess.RunAsync(
            folder.Path,
            "serve",
            "--data",
            folder.Combine("data"),
            "--model",
            "none",
            "--url",
            "http://0.0.0.0:0"
        );
        result.Expect(2).ExpectOneLineError("searchengine key");
    }

    [Fact]
    public async Task It_serves_until_it_is_told_to_stop()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("There is no SIGTERM to send.");
        using var folder = new TemporaryFolder();
        using var process = CliProcess.Start(
            folder.Path,
            null,
            "serve",
            "--data",
            folder.Combine("data"),
            "--model",
            "none",
            "--url",
            "http://127.0.0.1:0"
        );
        process.StandardInput.Close();
        string? address = null;
        while (address is null && await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            address = Listening().Match(line) is { Success: true } match ? match.Groups[1].Value : null;
        Assert.NotNull(address);
        var rest = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        while (!(await client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Contains(
            "<title>SearchEngine</title>",
            await client.GetStringAsync("/", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await rest;
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Agents_reach_it_over_standard_input_and_output()
    {
        using var folder = new TemporaryFolder();
        var transport = new StdioClientTransport(
            new StdioClientTransportOptions
            {
                Command = CliProcess.BinaryPath,
                Arguments = ["mcp", "--data", folder.Combine("data"), "--model", "none"],
                WorkingDirectory = folder.Path,
            }
        );
        await using var client = await McpClient.CreateAsync(transport, cancellationToken: TestContext.Current.CancellationToken);
        var written = await client.CallToolAsync(
            "ingest_text",
            new Dictionary<string, object?> { ["text"] = "Whales sing.", ["title"] = "Sea" },
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.True(written.IsError != true, written.Content.FirstOrDefault()?.ToString());
        var found = await client.CallToolAsync(
            "search",
            new Dictionary<string, object?> { ["query"] = "whales" },
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.True(found.IsError != true);
    }

    [GeneratedRegex("^key   se_[0-9a-f]{64}\nhash  sha256:[0-9a-f]{64}\n$")]
    private static partial Regex Key();

    [GeneratedRegex("Now listening on: (http://127.0.0.1:[0-9]+)")]
    private static partial Regex Listening();
}
