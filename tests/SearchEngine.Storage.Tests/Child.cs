using System.Diagnostics;
using SearchEngine.TestSupport;

namespace SearchEngine.Storage.Tests;

/// <summary>
/// Runs this test program as a second process that does something other than tests: what to do comes in an environment variable.
/// </summary>
internal static class Child
{
    private const string Variable = "SEARCHENGINE_STORAGE_TEST_CHILD";

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.Environment[Variable] = string.Join('\n', arguments);
        return Process.Start(start)!;
    }

    /// <summary>Does what a child is asked for, or the long crash test; null where this is an ordinary test run.</summary>
    public static int? RunIfAsked(string[] line)
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        string[] arguments;
        if (!string.IsNullOrEmpty(text))
            arguments = text.Split('\n');
        else if (line.Length > 0 && line[0] == "crash")
            arguments = ["rounds", .. line[1..]];
        else
            return null;
        try
        {
            return arguments[0] switch
            {
                "lock" => HoldLock(arguments[1]),
                "crash" => CrashHarness.RunChild(arguments[1], arguments[2], Number(arguments[3]), Number(arguments[4])),
                "rounds" => RunRounds(arguments[1..]),
                _ => throw new ArgumentException($"Unknown child '{arguments[0]}'."),
            };
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
            return 1;
        }
    }

    /// <summary>The long crash test: crash [--rounds N] [--seed N] [--directory PATH].</summary>
    private static int RunRounds(string[] arguments)
    {
        var rounds = 1000;
        var seed = TestSeed.Get(1);
        var directory = Directory.CreateTempSubdirectory("searchengine-crash-").FullName;
        for (var i = 0; i + 1 < arguments.Length; i += 2)
        {
            if (arguments[i] == "--rounds")
                rounds = Number(arguments[i + 1]);
            else if (arguments[i] == "--seed")
                seed = Number(arguments[i + 1]);
            else if (arguments[i] == "--directory")
                directory = arguments[i + 1];
            else
                throw new ArgumentException($"Unknown option {arguments[i]}: crash [--rounds N] [--seed N] [--directory PATH]");
        }

        var clock = Stopwatch.StartNew();
        Directory.CreateDirectory(directory);
        var harness = new CrashHarness(directory, seed);
        for (var round = 0; round < rounds; round++)
        {
            harness.RunRound(round);
            if ((round + 1) % 25 == 0 || round + 1 == rounds)
            {
                Console.WriteLine(
                    $"{{\"rounds\":{round + 1},\"seed\":{seed},\"acknowledged\":{harness.Acknowledged},\"roundsWithoutWrites\":{harness.KilledWhileOpening},\"seconds\":{(int)clock.Elapsed.TotalSeconds}}}"
                );
            }
        }

        Directory.Delete(directory, recursive: true);
        return 0;
    }

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static int HoldLock(string directory)
    {
        using var held = DatabaseLock.Acquire(directory);
        Console.WriteLine("locked");
        // Until it is killed, or whoever started it is gone.
        Console.In.ReadToEnd();
        return 0;
    }
}
