using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SearchEngine.Storage.Tests;

/// <summary>
/// Runs this test program as a second process that does something other than tests: what to do comes in an environment variable,
/// and a module initialiser does it before the test runner starts.
/// </summary>
internal static class Child
{
    private const string Variable = "SEARCHENGINE_STORAGE_TEST_CHILD";

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.Environment[Variable] = string.Join('\n', arguments);
        return Process.Start(start)!;
    }

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The program is a test executable, not a library.")]
    internal static void RunIfChild()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text)) return;
        var arguments = text.Split('\n');
        var code = 1;
        try
        {
            code = arguments[0] switch
            {
                "lock" => HoldLock(arguments[1]),
                _ => throw new ArgumentException($"Unknown child '{arguments[0]}'."),
            };
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
        }

        Environment.Exit(code);
    }

    private static int HoldLock(string directory)
    {
        using var held = DatabaseLock.Acquire(directory);
        Console.WriteLine("locked");
        Thread.Sleep(TimeSpan.FromMinutes(1));
        return 0;
    }
}
