using SearchEngine.Vectors;

namespace SearchEngine.Migration;

/// <summary>What a store says of itself beside its rows. Filled while it is read.</summary>
public sealed class StoreFacts
{
    /// <summary>The column that identifies a row; null where the store names none.</summary>
    public string? KeyColumn { get; set; }

    /// <summary>The metric of vector columns, where the store says it.</summary>
    public IDictionary<string, DistanceMetric> Metrics { get; } = new Dictionary<string, DistanceMetric>(StringComparer.Ordinal);

    /// <summary>The metric of every vector column that <see cref="Metrics"/> does not name.</summary>
    public DistanceMetric? Metric { get; set; }

    /// <summary>What else a user should know, shown with the mapping.</summary>
    public ISet<string> Notes { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>The metric that the store says for a column; null where it says none.</summary>
    public DistanceMetric? MetricOf(string column) => Metrics.TryGetValue(column, out var metric) ? metric : Metric;
}
