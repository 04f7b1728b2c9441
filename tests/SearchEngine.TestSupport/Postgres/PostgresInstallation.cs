using System.Diagnostics;

namespace SearchEngine.TestSupport.Postgres;

/// <summary>PostgreSQL's programs on this machine, and how to run them: they refuse to run as root, who runs them as another user.</summary>
public static class PostgresInstallation
{
    /// <summary>Names the folder of the programs where they are not where Debian has them.</summary>
    public const string Variable = "SEARCHENGINE_POSTGRES_BIN";

    private const string User = "postgres";

    /// <summary>The folder of the programs; null where PostgreSQL is not installed, or may not be run.</summary>
    public static string? Programs { get; } = Find();

    /// <summary>What a test says that is skipped.</summary>
    public static string Missing =>
        $"PostgreSQL is not installed: apt-get install postgresql, or name the folder of initdb and postgres in {Variable}.";

    /// <summary>A process of one of the programs, not started.</summary>
    public static ProcessStartInfo Start(string program, params IEnumerable<string> arguments)
    {
        var path = Path.Combine(Programs ?? throw new InvalidOperationException(Missing), program);
        var start = new ProcessStartInfo
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        if (Environment.IsPrivilegedProcess)
        {
            start.FileName = "runuser";
            foreach (var argument in new[] { "-u", User, "--", path })
                start.ArgumentList.Add(argument);
        }
        else
        {
            start.FileName = path;
        }

        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message has what it said.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(Start(program, arguments))!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await errors}{output}");
    }

    private static string? Find()
    {
        if (OperatingSystem.IsWindows())
            return null;
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return named;
        const string debian = "/usr/lib/postgresql";
        if (!Directory.Exists(debian))
            return null;
        return Directory
            .GetDirectories(debian)
            .Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "postgres")))
            .OrderByDescending(bin => int.TryParse(Path.GetFileName(Path.GetDirectoryName(bin)), out var version) ? version : 0)
            .FirstOrDefault();
    }
}
