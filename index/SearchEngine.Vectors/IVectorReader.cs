namespace SearchEngine.Vectors;

/// <summary>Reads full-precision vectors by ordinal, normally from the engine's record store. Implementations are thread-safe.</summary>
public interface IVectorReader
{
    /// <summary>
    /// Copies the vector of <paramref name="ordinal"/>, as it was added, into <paramref name="destination"/> (exactly the dimension long).
    /// </summary>
    /// <returns>False when there is no such vector; the search then keeps its estimated distance.</returns>
    bool TryRead(int ordinal, Span<float> destination);
}
