namespace SearchEngine;

/// <summary>A reranker from a function: a model of one's own, a service. Thread-safe if the function is.</summary>
/// <param name="name">What people read.</param>
/// <param name="score">As <see cref="IReranker.ScoreAsync"/>.</param>
/// <param name="weight">As <see cref="IReranker.Weight"/>; null for its default.</param>
/// <param name="relevance">As <see cref="IReranker.Relevance"/>; null for its default.</param>
public sealed class DelegateReranker(
    string name,
    Func<string, IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<double>>> score,
    double? weight = null,
    Func<double, double>? relevance = null
) : IReranker
{
    private readonly Func<string, IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<double>>> _score =
        score ?? throw new ArgumentNullException(nameof(score));

    /// <inheritdoc />
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    /// <inheritdoc />
    public double Weight { get; } = weight ?? RerankOptions.DefaultWeight;

    /// <inheritdoc />
    public double Relevance(double score) => relevance?.Invoke(score) ?? Math.Clamp(score, 0, 1);

    /// <inheritdoc />
    public Task<IReadOnlyList<double>> ScoreAsync(
        string query,
        IReadOnlyList<string> passages,
        CancellationToken cancellationToken = default
    ) => _score(query, passages, cancellationToken);
}
