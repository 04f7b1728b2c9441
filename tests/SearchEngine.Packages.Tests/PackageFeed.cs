using System.Diagnostics;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Packages.Tests;

/// <summary>
/// The packages of this build in a folder, and an empty place to use them from: package folder, command-line home and feed of its own, so
/// that nothing of an earlier build is found. Packages of others come from the machine's feeds, or from its package folder.
/// </summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>The folder that is empty but for <c>nuget.config</c>.</summary>
    public string Directory => Path.Combine(_directory.FullPath, "work");

    /// <summary>Where packages are unpacked.</summary>
    public string Packages => Path.Combine(_directory.FullPath, "packages");

    /// <summary>The folder of the packages.</summary>
    public string Feed => Path.Combine(_directory.FullPath, "feed");

    /// <summary>How these tests were built, and with them what is packed.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The version of all of them.</summary>
    public string Version { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        System.IO.Directory.CreateDirectory(Directory);
        System.IO.Directory.CreateDirectory(Feed);
        await RunAsync(
            "dotnet",
            Repository.Root,
            ["msbuild", "packaging/packages.proj", "-t:Pack", $"-p:Configuration={Configuration}", $"-p:Feed={Feed}", "-nologo", "-v:q"]
        );
        const string Templates = "SearchEngine.Templates.";
        Version = Path.GetFileNameWithoutExtension(System.IO.Directory.GetFiles(Feed, Templates + "*.nupkg").Single())[Templates.Length..];
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        if (string.IsNullOrEmpty(cache))
            cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(
            Path.Combine(_directory.FullPath, "nuget.config"),
            $"""
            <configuration>
              <packageSources>
                <add key="this build" value="{Feed}" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="machine" value="{cache}" />
              </fallbackPackageFolders>
            </configuration>
            """
        );
    }

    /// <summary>Runs a command in a folder and returns what it printed.</summary>
    public async Task<string> RunAsync(
        string program,
        string directory,
        IEnumerable<string> arguments,
        params (string Name, string Value)[] environment
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (directory != Repository.Root)
            start.Environment["NUGET_PACKAGES"] = Packages;
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', start.ArgumentList)}\n{await output}\n{await error}");
        return await output;
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return default;
    }
}
