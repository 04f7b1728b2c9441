using System.Text;
using System.Text.Json;

namespace SearchEngine.Reading;

/// <summary>Which parts of a filter keep a record out.</summary>
internal static class FailedConditions
{
    /// <summary>The conditions that do not hold, each as JSON: the smallest of those that all have to hold.</summary>
    /// <param name="filter">A bound filter.</param>
    /// <param name="document">A record.</param>
    public static IReadOnlyList<string> Of(DocumentFilter filter, Document document) => [.. Failing(filter, document).Select(Text)];

    private static IEnumerable<DocumentFilter> Failing(DocumentFilter filter, Document document) =>
        filter is DocumentFilter.And all ? all.Conditions.SelectMany(condition => Failing(condition, document))
        : FilterEvaluator.Matches(filter, document) ? []
        : [filter];

    private static string Text(DocumentFilter filter)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, DocumentJson.WriterOptions))
            DocumentFilterJson.Write(json, filter);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
