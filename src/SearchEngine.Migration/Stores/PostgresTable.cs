using System.Text.RegularExpressions;
using SearchEngine.Vectors;

namespace SearchEngine.Migration;

/// <summary>What a dump says of its tables outside their data: types of columns, primary keys, metrics of vector indexes.</summary>
internal sealed partial class PostgresTable
{
    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    public string? Key { get; private set; }

    public Dictionary<string, DistanceMetric> Metrics { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes a statement; returns the table that it speaks of, or null.</summary>
    public static string? Take(string statement, IDictionary<string, PostgresTable> tables)
    {
        if (Create().Match(statement) is { Success: true } created)
        {
            var table = Of(tables, created);
            foreach (Match column in Column().Matches(created.Groups["body"].Value))
                table.Types[column.Groups["name"].Value.Trim('"')] = PostgresTypes.Normalize(column.Groups["type"].Value);
            return NameOf(created);
        }

        if (PrimaryKey().Match(statement) is { Success: true } key)
        {
            Of(tables, key).Key = key.Groups["key"].Value.Trim('"');
            return NameOf(key);
        }
        if (Index().Match(statement) is not { Success: true } index)
            return null;
        Of(tables, index).Metrics[index.Groups["column"].Value.Trim('"')] = index.Groups["metric"].Value switch
        {
            "cosine" => DistanceMetric.Cosine,
            "ip" => DistanceMetric.DotProduct,
            "l1" => DistanceMetric.Manhattan,
            _ => DistanceMetric.Euclidean,
        };
        return NameOf(index);
    }

    /// <summary>The table and columns of "COPY schema.table (a, b) FROM stdin;"; null where the line is none.</summary>
    public static (string Table, string[] Columns)? CopyOf(string line) =>
        Copy().Match(line) is { Success: true } copy
            ? (
                NameOf(copy),
                copy.Groups["columns"].Value.Split(',', StringSplitOptions.TrimEntries).Select(name => name.Trim('"')).ToArray()
            )
            : null;

    private static PostgresTable Of(IDictionary<string, PostgresTable> tables, Match match)
    {
        if (!tables.TryGetValue(NameOf(match), out var table))
            tables[NameOf(match)] = table = new PostgresTable();
        return table;
    }

    private static string NameOf(Match match) => match.Groups["table"].Value.Trim('"');

    private const string Table = """(?:(?:"[^"]+"|\w+)\.)?(?<table>"[^"]+"|\w+)""";

    [GeneratedRegex(@"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?" + Table + @"\s*\((?<body>.*)\)", RegexOptions.Singleline)]
    private static partial Regex Create();

    [GeneratedRegex(
        """^\s+(?<name>"[^"]+"|(?!CONSTRAINT\b)\w+) (?<type>[^,\n]*?(?:\([^)]*\))?[^,\n(]*?)"""
            + @"(?= NOT NULL| DEFAULT| GENERATED| COLLATE| CONSTRAINT| PRIMARY KEY|,?\s*$)",
        RegexOptions.Multiline
    )]
    private static partial Regex Column();

    [GeneratedRegex(@"^ALTER TABLE (?:ONLY )?" + Table + """\s+ADD CONSTRAINT \S+ PRIMARY KEY \((?<key>"[^"]+"|\w+)\)""")]
    private static partial Regex PrimaryKey();

    [GeneratedRegex(
        @"^CREATE INDEX \S+ ON (?:ONLY )?"
            + Table
            + """ USING \w+ \((?<column>"[^"]+"|\w+) (?:\w+\.)?(?:vector|halfvec)_(?<metric>l2|ip|cosine|l1)_ops\b"""
    )]
    private static partial Regex Index();

    [GeneratedRegex("^COPY " + Table + @"\s*\((?<columns>.*)\) FROM stdin;\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Copy();
}
