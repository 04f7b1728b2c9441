namespace SearchEngine.Embeddings;

/// <summary>
/// A model gave vectors that are not finite (NaN or infinite) for some texts of a request: its weights are damaged, or its numbers left
/// the range of the data type. The other texts of the request are sound and can be asked for again.
/// </summary>
/// <remarks>
/// For callers that know only of exceptions, <see cref="Exception.Data"/> holds the same numbers as an array of <see cref="int"/> under
/// <see cref="IndicesKey"/>.
/// </remarks>
public sealed class NonFiniteVectorException : Exception
{
    /// <summary>The key of <see cref="TextIndices"/> in <see cref="Exception.Data"/>.</summary>
    public const string IndicesKey = "TextIndices";

    /// <param name="textIndices">Which texts, ascending, at least one.</param>
    /// <param name="count">Texts of the request.</param>
    /// <param name="model">The model's name.</param>
    public NonFiniteVectorException(IReadOnlyList<int> textIndices, int count, string model)
        : base(
            $"The model '{model}' gave a vector that is not finite (NaN or infinite) for text {string.Join(", ", textIndices.Take(10))}{(textIndices.Count > 10 ? ", …" : "")} "
                + $"of {count}, counted from 0. Its weights are damaged or overflow this data type; check the checkpoint, or use float32."
        )
    {
        TextIndices = textIndices;
        Data[IndicesKey] = textIndices.ToArray();
    }

    /// <summary>Which texts of the request, counted from 0, ascending.</summary>
    public IReadOnlyList<int> TextIndices { get; }
}
