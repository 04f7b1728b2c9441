using System.Text.RegularExpressions;
using SearchEngine.Vectors;

namespace SearchEngine.Migration;

/// <summary>The columns of a vec0 table, read out of its CREATE VIRTUAL TABLE statement. In each list, the place is the number in shadow
/// tables.</summary>
internal sealed partial class VecDeclaration
{
    private VecDeclaration() { }

    /// <summary>A vector column.</summary>
    public sealed record Vector(string Name, string Type, int Dimension, DistanceMetric Metric);

    public string? Key { get; private set; }

    public bool KeyIsText { get; private set; }

    public List<Vector> Vectors { get; } = [];

    public List<string> Partitions { get; } = [];

    /// <summary>Names and types: boolean, integer, float, text.</summary>
    public List<(string Name, string Type)> Metadata { get; } = [];

    public List<string> Auxiliary { get; } = [];

    public static bool IsVec0(string sql) => Using().IsMatch(sql);

    /// <exception cref="MigrationException">The statement holds what is not known here.</exception>
    public static VecDeclaration Parse(string table, string sql)
    {
        var declaration = new VecDeclaration();
        var open = sql.IndexOf('(', Using().Match(sql).Index);
        foreach (var part in Split(sql[(open + 1)..sql.LastIndexOf(')')]))
        {
            if (Option().IsMatch(part))
                continue;
            if (!declaration.Add(part))
                throw new MigrationException($"Table '{table}' is declared with '{part}', which is not known here.");
        }

        return declaration;
    }

    private bool Add(string part)
    {
        var match = Column().Match(part);
        if (!match.Success)
            return false;
        var name = match.Groups["name"].Value.Trim('"', '\'', '`', '[', ']');
        var type = match.Groups["type"].Value.ToLowerInvariant();
        var rest = match.Groups["rest"].Value;
        if (match.Groups["aux"].Success)
        {
            Auxiliary.Add(name);
        }
        else if (match.Groups["dimension"].Success)
        {
            Vectors.Add(
                new Vector(
                    name,
                    type,
                    int.Parse(match.Groups["dimension"].Value, System.Globalization.CultureInfo.InvariantCulture),
                    MetricOf(rest)
                )
            );
        }
        else if (rest.Contains("primary key", StringComparison.OrdinalIgnoreCase))
        {
            (Key, KeyIsText) = (name, type == "text");
        }
        else if (rest.Contains("partition key", StringComparison.OrdinalIgnoreCase))
        {
            Partitions.Add(name);
        }
        else
        {
            Metadata.Add(
                (
                    name,
                    type switch
                    {
                        "bool" or "boolean" => "boolean",
                        "int" or "integer" or "int64" or "bigint" => "integer",
                        "float" or "double" or "real" or "float64" or "f64" => "float",
                        _ => "text",
                    }
                )
            );
        }
        return true;
    }

    private static DistanceMetric MetricOf(string rest) =>
        Metric().Match(rest) is not { Success: true } match ? DistanceMetric.Euclidean
        : match.Groups[1].Value.Equals("cosine", StringComparison.OrdinalIgnoreCase) ? DistanceMetric.Cosine
        : match.Groups[1].Value.Equals("l1", StringComparison.OrdinalIgnoreCase) ? DistanceMetric.Manhattan
        : DistanceMetric.Euclidean;

    /// <summary>At commas that are in no bracket and in no quotes; without comments.</summary>
    private static IEnumerable<string> Split(string text)
    {
        text = Comment().Replace(text, string.Empty);
        var (depth, start) = (0, 0);
        var quote = '\0';
        for (var at = 0; at <= text.Length; at++)
        {
            var character = at < text.Length ? text[at] : ',';
            if (at < text.Length && quote != '\0')
            {
                quote = character == quote ? '\0' : quote;
                continue;
            }

            if (character is '"' or '\'' or '`')
                quote = character;
            depth +=
                character is '(' or '[' ? 1
                : character is ')' or ']' ? -1
                : 0;
            if (character != ',' || (depth > 0 && at < text.Length))
                continue;
            if (text[start..at].Trim() is { Length: > 0 } part)
                yield return part;
            start = at + 1;
        }
    }

    [GeneratedRegex(@"\bUSING\s+vec0\s*\(", RegexOptions.IgnoreCase)]
    private static partial Regex Using();

    [GeneratedRegex(@"--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\w+\s*=")]
    private static partial Regex Option();

    [GeneratedRegex(
        """^(?<aux>\+)?\s*(?<name>"[^"]+"|'[^']+'|`[^`]+`|\w+)\s+(?<type>\w+)\s*(\[\s*(?<dimension>\d+)\s*\])?(?<rest>.*)$""",
        RegexOptions.Singleline
    )]
    private static partial Regex Column();

    [GeneratedRegex(@"distance_metric\s*=\s*(\w+)", RegexOptions.IgnoreCase)]
    private static partial Regex Metric();
}
