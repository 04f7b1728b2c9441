using System.Diagnostics;
using System.Globalization;

namespace SearchEngine.Mutants;

/// <summary>Runs the tests that reach a mutant until one fails: the quick ones first.</summary>
/// <param name="folder">Where the work lies.</param>
/// <param name="copy">The built copy.</param>
/// <param name="longest">Tests that take longer than these seconds alone are not run: they could catch more.</param>
internal sealed class Hunt(string folder, WovenCopy copy, double longest)
{
    private const double FirstSeconds = 6;
    private readonly string _results = Path.Combine(folder, "results.tsv");

    public void Run(IReadOnlyList<Mutant> mutants, IReadOnlyList<TestReach> tests, bool again, string? only)
    {
        var known = Outcome.Read(_results).GroupBy(outcome => outcome.Name).ToDictionary(group => group.Key, group => group.Last());
        for (var number = 0; number < mutants.Count; number++)
        {
            var mutant = mutants[number];
            var isKnown = known.TryGetValue(mutant.Name, out var before) && (before.IsCaught || !again);
            if (only is null ? isKnown : !only.Contains(mutant.Name, StringComparison.Ordinal))
                continue;
            var clock = Stopwatch.StartNew();
            var (state, by) = Of(number, tests.Where(test => test.Mutants.Contains(mutant.Name)).OrderBy(test => test.Seconds).ToList());
            var outcome = new Outcome(mutant.Name, state, by, clock.Elapsed.TotalSeconds);
            File.AppendAllText(
                _results,
                string.Create(CultureInfo.InvariantCulture, $"{outcome.Name}\t{outcome.State}\t{outcome.By}\t{outcome.Seconds:F1}\n")
            );
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{number + 1}/{mutants.Count} {outcome.Name} {outcome.State} {outcome.Seconds:F0} s  {mutant.File}:{mutant.Line} {mutant.Operator}: {mutant.Change}  [{outcome.By}]"
                )
            );
        }
    }

    private (string State, string By) Of(int number, List<TestReach> tests)
    {
        if (tests.Count == 0)
            return ("unreached", "no test");
        var quick = 0;
        for (var seconds = 0.0; quick < tests.Count && (quick == 0 || seconds + tests[quick].Seconds <= FirstSeconds); quick++)
            seconds += tests[quick].Seconds;
        foreach (var part in new[] { tests[..quick], tests[quick..].Where(test => test.Seconds <= longest).ToList() })
        {
            if (part.Count == 0)
                continue;
            var limit = TimeSpan.FromSeconds(20 + 4 * part.Sum(test => test.Seconds));
            var run = TestRun.Start(
                copy,
                folder,
                part.Select(test => test.Method),
                limit,
                parallel: true,
                stop: true,
                ("SEARCHENGINE_MUTANT", number.ToString(CultureInfo.InvariantCulture))
            );
            if (run is null)
                return ("timeout", $"{limit.TotalSeconds:F0} s");
            if (run.Value.Status != 0)
                return ("caught", TestRun.Failures(run.Value.Output).FirstOrDefault("the process ended"));
        }
        return ("survived", $"{tests.Count(test => test.Seconds <= longest)} of {tests.Count} tests");
    }
}
