using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace SearchEngine.Mutants;

/// <summary>A run of some of a library's tests.</summary>
internal static partial class TestRun
{
    /// <summary>The exit status and what was written; null where the time was up.</summary>
    public static (int Status, string Output)? Start(
        WovenCopy copy,
        string folder,
        IEnumerable<string> methods,
        TimeSpan limit,
        bool parallel,
        bool stop,
        params IEnumerable<(string Name, string Value)> environment
    )
    {
        // What an ended test leaves behind lies here, and is gone before the next.
        var temporary = Path.Combine(folder, "tmp");
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        Dictionary<string, string> variables = new()
        {
            ["TMPDIR"] = temporary,
            ["TMP"] = temporary,
            // A mutant that takes memory without end fails its test instead of the machine.
            ["DOTNET_GCHeapHardLimit"] = "0xC0000000",
            ["DOTNET_DbgEnableMiniDump"] = "0",
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
        };
        foreach (var (name, value) in environment)
            variables[name] = value;
        List<string> arguments = ["-noLogo", "-noColor", "-parallelMode", parallel ? "collections" : "none"];
        if (stop)
            arguments.Add("-stopOnFail");
        foreach (var method in methods)
            arguments.AddRange(["-method", method]);
        return Shell.Run(copy.TestFolder, limit, variables, copy.Program, arguments);
    }

    /// <summary>The names of the tests that failed, as the runner prints them.</summary>
    public static IEnumerable<string> Failures(string output) => Failure().Matches(output).Select(match => match.Groups[1].Value.Trim());

    [GeneratedRegex(@"^\s*(\S.*) \[FAIL\]", RegexOptions.Multiline)]
    private static partial Regex Failure();
}
