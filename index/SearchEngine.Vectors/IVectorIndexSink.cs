namespace SearchEngine.Vectors;

/// <summary>Receives the changed pieces of an index from <see cref="VectorIndex.SaveChanges"/>. Called from one thread.</summary>
public interface IVectorIndexSink
{
    /// <summary>
    /// Stores <paramref name="blob"/> as the content of <paramref name="slot"/>, replacing what was there. Slot -1 is the header, -2 what
    /// searches start from; other slots are ordinals.
    /// </summary>
    void Write(int slot, ReadOnlySpan<byte> blob);

    /// <summary>Forgets <paramref name="slot"/>; a slot that was never written is ignored.</summary>
    void Delete(int slot);
}
