namespace SearchEngine;

/// <summary>
/// One of several vectors that a search goes by; see <see cref="SearchRequest.VectorQueries"/>. Immutable.
/// </summary>
/// <param name="Field">The vector field.</param>
public sealed record VectorQuery(string Field)
{
    /// <summary>The query vector, of the field's dimension; null for the text's.</summary>
    public ReadOnlyMemory<float>? Vector { get; init; }

    /// <summary>What is embedded where there is no vector; null for the request's <see cref="SearchRequest.Text"/>.</summary>
    public string? Text { get; init; }

    /// <summary>How much it counts beside the others; more than 0. Only the weights' proportions matter.</summary>
    public double Weight { get; init; } = 1;
}
