using System.Buffers;

namespace SearchEngine.Vectors;

/// <summary>Gives back what an <see cref="IVectorIndexSink"/> stored.</summary>
public interface IVectorIndexSource
{
    /// <summary>Appends the blob of <paramref name="slot"/> to <paramref name="destination"/>; false when there is none.</summary>
    bool TryRead(int slot, IBufferWriter<byte> destination);

    /// <summary>Calls <paramref name="visitor"/> once for every stored slot, in any order, from one thread.</summary>
    void ReadAll(VectorIndexBlobVisitor visitor);
}

/// <summary>Visits one stored piece of an index.</summary>
/// <param name="slot">As it was written: -1 for the header, -2 for what searches start from, otherwise an ordinal.</param>
/// <param name="blob">The bytes, valid during the call only.</param>
public delegate void VectorIndexBlobVisitor(int slot, ReadOnlySpan<byte> blob);
