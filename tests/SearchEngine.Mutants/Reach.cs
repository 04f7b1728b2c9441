using System.Globalization;

namespace SearchEngine.Mutants;

/// <summary>A test method, how long it takes alone, and the names of the mutants that it reaches.</summary>
internal sealed record TestReach(string Method, double Seconds, HashSet<string> Mutants);

/// <summary>Which tests reach which mutants: every test is run once, one after another, and again only when it is new.</summary>
internal sealed class Reach(string folder, WovenCopy copy)
{
    private readonly string _known = Path.Combine(folder, "reach.tsv");

    public IReadOnlyList<TestReach> Record(IReadOnlyList<Mutant> mutants)
    {
        var known = Read();
        var methods = Shell
            .Require(copy.TestFolder, "dotnet", "exec", copy.Assembly, "-list", "methods", "-noLogo", "-noColor")
            .Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.Length > 0)
            .ToArray();
        var fresh = methods.Where(method => !known.TryGetValue(method, out var test) || test.Seconds < 0).ToArray();
        if (fresh.Length > 0)
        {
            Console.WriteLine($"{fresh.Length} of {methods.Length} test methods are run to see what they reach");
            foreach (var test in Run(fresh, mutants))
                known[test.Method] = test;
            File.WriteAllLines(
                _known,
                known.Values.Select(test =>
                    string.Create(CultureInfo.InvariantCulture, $"{test.Method}\t{test.Seconds:F3}\t{string.Join(' ', test.Mutants)}")
                )
            );
        }
        return methods.Where(known.ContainsKey).Select(method => known[method]).Where(test => test.Seconds >= 0).ToList();
    }

    private Dictionary<string, TestReach> Read() =>
        !File.Exists(_known)
            ? []
            : File.ReadAllLines(_known)
                .Select(line => line.Split('\t'))
                .Select(parts => new TestReach(
                    parts[0],
                    double.Parse(parts[1], CultureInfo.InvariantCulture),
                    [.. parts[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)]
                ))
                .ToDictionary(test => test.Method);

    /// <summary>Tests that fail without a mutant, or are skipped, have a negative time: they say nothing.</summary>
    private IEnumerable<TestReach> Run(string[] methods, IReadOnlyList<Mutant> mutants)
    {
        var bytes = Path.Combine(folder, "reached");
        var lines = bytes + ".tsv";
        File.WriteAllBytes(bytes, new byte[Math.Max(4096, mutants.Count)]);
        File.Delete(lines);
        var run = TestRun.Start(
            copy,
            folder,
            methods,
            TimeSpan.FromMinutes(10),
            parallel: false,
            stop: false,
            ("SEARCHENGINE_MUTANTS_REACHED", bytes)
        );
        if (run is null)
            throw new InvalidOperationException("The tests without a mutant took more than ten minutes.");
        var failed = TestRun.Failures(run.Value.Output).ToHashSet();
        var tests = methods.ToDictionary(method => method, method => new TestReach(method, -1, []));
        Dictionary<string, HashSet<string>> shared = [];
        foreach (var parts in File.ReadAllLines(lines).Select(line => line.Split('\t')))
        {
            if (!tests.TryGetValue(parts[0], out var test))
                continue;
            var seconds = long.Parse(parts[1], CultureInfo.InvariantCulture) / 1000.0;
            test.Mutants.UnionWith(
                parts[3]
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(number => mutants[int.Parse(number, CultureInfo.InvariantCulture)].Name)
            );
            tests[parts[0]] = test with { Seconds = Math.Max(test.Seconds, 0) + seconds };
            // What a fixture reached is put down to the class's first test: the others rest on it as well.
            if (parts[2] == "1")
            {
                var owner = parts[0][..parts[0].LastIndexOf('.')];
                if (!shared.TryGetValue(owner, out var reached))
                    shared[owner] = reached = [];
                reached.UnionWith(test.Mutants);
            }
        }
        foreach (var test in tests.Values)
        {
            if (shared.TryGetValue(test.Method[..test.Method.LastIndexOf('.')], out var reached))
                test.Mutants.UnionWith(reached);
            if (failed.Any(name => name.StartsWith(test.Method, StringComparison.Ordinal)))
                Console.WriteLine($"fails without a mutant and is left out: {test.Method}");
        }
        return tests.Values.Select(test =>
            failed.Any(name => name.StartsWith(test.Method, StringComparison.Ordinal)) ? test with { Seconds = -1 } : test
        );
    }
}
