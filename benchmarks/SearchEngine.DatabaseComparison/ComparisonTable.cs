using System.Globalization;
using System.Text;

namespace SearchEngine.DatabaseComparison;

/// <summary>Rows of smaller-is-better figures, one for each database, with the ratio of the first to the best of the others.</summary>
internal sealed class ComparisonTable
{
    private readonly List<string[]> _rows = [];

    public void Add(string title, double[] values)
    {
        var ratio = values[0] / values[1..].Min();
        var best = ratio <= 1 ? $"**{Times(ratio)}**" : Times(ratio);
        _rows.Add([title, .. values.Select(Format), best]);
    }

    /// <summary>A row of ratios that each database has by itself.</summary>
    public void AddRatios(string title, double[] ratios) => AddPlain(title, [.. ratios.Select(Times)]);

    /// <summary>A row without a ratio.</summary>
    public void AddPlain(string title, string[] values) => _rows.Add([title, .. values, ""]);

    public string ToMarkdown(string title, Peer[] peers)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"### {title}").AppendLine();
        string[] names = ["", .. peers.Select(peer => peer.Name), "of the best of the others"];
        text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", names)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|{string.Concat(Enumerable.Repeat("---|", names.Length))}");
        foreach (var row in _rows)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |");
        return text.ToString();
    }

    private static string Times(double ratio) => $"{Format(ratio)} ×";

    private static string Format(double value) =>
        value.ToString(
            value >= 100 ? "N0"
                : value >= 10 ? "F1"
                : "F2",
            CultureInfo.InvariantCulture
        );
}
