using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical;

/// <summary>
/// Words that stand for each other in queries. One rule a line: <c>car, automobile, motor car</c> (each for every other) or
/// <c>heart attack => myocardial infarction</c> (the left also finds the right). Lines that are empty or begin with # are passed over.
/// Immutable.
/// </summary>
public sealed class LexicalSynonyms
{
    /// <summary>What a synonym counts beside the word that the query writes.</summary>
    private const float Weight = 0.8f;

    private readonly IReadOnlyList<(string[] From, string[] To)> _rules;

    private LexicalSynonyms(IReadOnlyList<(string[] From, string[] To)> rules) => _rules = rules;

    /// <summary>Reads rules from a file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ArgumentException">A line is no rule; the message names it.</exception>
    public static LexicalSynonyms Load(string path) => Parse(File.ReadLines(path));

    /// <summary>Reads rules.</summary>
    /// <exception cref="ArgumentException">A line is no rule; the message names it.</exception>
    public static LexicalSynonyms Parse(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var rules = new List<(string[], string[])>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.TrimStart().StartsWith('#'))
                continue;
            var sides = line.Split("=>");
            var left = Words(sides[0]);
            var right = sides.Length > 1 ? Words(sides[1]) : left;
            if (sides.Length > 2 || left.Length == 0 || right.Length == 0 || sides.Length == 1 && left.Length < 2)
                throw new ArgumentException($"Line {number} of the synonyms is no rule: '{line}'. Write 'a, b, c' or 'a => b, c'.");
            rules.Add((left, right));
        }
        return new LexicalSynonyms(rules);
    }

    /// <summary>The rules in the terms of an analyzer.</summary>
    internal SynonymTable ForAnalyzer(Func<string, QueryTerm?> analyze) => new(_rules, analyze, Weight);

    private static string[] Words(string side) => side.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
