using System.Globalization;
using System.Text;

namespace SearchEngine.Mutants;

/// <summary>Writes what was caught, and what was not and why, into the docs.</summary>
internal static class Report
{
    private const string Target = "docs/benchmarks/mutants.md";
    private const string Reasons = "tests/SearchEngine.Mutants/survivors.tsv";

    /// <summary>Where a library's drawn mutants and their results lie.</summary>
    public static string DataOf(string root, Library library, int seed) =>
        Path.Combine(root, "artifacts", "mutants", library.Name, $"seed-{seed}");

    public static void Write(string root, int seed)
    {
        var reasons = File.ReadAllLines(Path.Combine(root, Reasons))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t', 2))
            .ToDictionary(parts => parts[0], parts => parts[1]);
        var totals = new StringBuilder(
            "| library | mutants in all | drawn | caught at first | caught now | gone | left that change nothing but time or memory | |\n|---|---|---|---|---|---|---|---|\n"
        );
        var survivors = new StringBuilder();
        foreach (var library in Library.All)
        {
            var data = DataOf(root, library, seed);
            var all = Library.Mutants(library.Parse(root));
            var named = all.ToDictionary(mutant => mutant.Name);
            var outcomes = Outcome.Read(Path.Combine(data, "results.tsv")).ToLookup(outcome => outcome.Name);
            // With those whose place is no more, which the next weaving drops from the sample.
            var drawn = outcomes.Select(outcome => outcome.Key).ToArray();
            var first = drawn.Count(name => outcomes[name].First().IsCaught);
            var caught = drawn.Count(name => outcomes[name].Last().IsCaught);
            var left = drawn
                .Where(name => !outcomes[name].Last().IsCaught && named.ContainsKey(name))
                .Select(name => named[name])
                .ToArray();
            var unseen = left.Count(mutant => reasons.GetValueOrDefault(mutant.Name, "").Split(':')[0] is "equivalent" or "speed");
            totals.Append(
                CultureInfo.InvariantCulture,
                $"| {library.Name} | {all.Count:N0} | {drawn.Length} | {first} ({Share(first, drawn.Length)}) | {caught} ({Share(caught, drawn.Length)}) | {drawn.Length - caught - left.Length} | {unseen} of {left.Length} | `{library.Sources}` |\n"
            );
            survivors.Append(
                CultureInfo.InvariantCulture,
                $"\n### {library.Name}\n\n| mutant | place | change | why it survives |\n|---|---|---|---|\n"
            );
            foreach (var mutant in left.OrderBy(mutant => mutant.File, StringComparer.Ordinal).ThenBy(mutant => mutant.Line))
            {
                survivors.Append(
                    CultureInfo.InvariantCulture,
                    $"| {mutant.Name} | `{mutant.File[(library.Sources.Length + 1)..]}:{mutant.Line}` | {mutant.Operator}: `{Cell(mutant.Change)}` | {reasons.GetValueOrDefault(mutant.Name, "not looked at")} |\n"
                );
            }
        }
        var path = Path.Combine(root, Target);
        var text = File.ReadAllText(path);
        File.WriteAllText(path, Between(Between(text, "totals", totals.ToString()), "survivors", survivors.ToString()));
    }

    private static string Share(int part, int whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / Math.Max(1, whole):F0} %");

    /// <summary>Code in a cell of a table, cut where it is long.</summary>
    private static string Cell(string change)
    {
        var shown = change.Length <= 160 ? change : change[..100] + " … " + change[^55..];
        return shown.Replace("|", "\\|", StringComparison.Ordinal).Replace('`', '\'');
    }

    private static string Between(string text, string name, string content)
    {
        var (from, to) = ($"<!-- {name} -->\n", $"<!-- end of {name} -->");
        var start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
        return text[..start] + content + text[text.IndexOf(to, StringComparison.Ordinal)..];
    }
}
