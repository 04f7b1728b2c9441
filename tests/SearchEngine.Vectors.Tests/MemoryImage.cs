using System.Buffers;

namespace SearchEngine.Vectors.Tests;

/// <summary>Sink and source over a dictionary.</summary>
internal sealed class MemoryImage : IVectorIndexSink, IVectorIndexSource
{
    public Dictionary<int, byte[]> Blobs { get; } = [];

    public int Writes { get; private set; }

    public Action<int>? BeforeWrite { get; set; }

    public void Write(int slot, ReadOnlySpan<byte> blob)
    {
        BeforeWrite?.Invoke(slot);
        Writes++;
        Blobs[slot] = blob.ToArray();
    }

    public void Delete(int slot) => Blobs.Remove(slot);

    public bool TryRead(int slot, IBufferWriter<byte> destination)
    {
        if (!Blobs.TryGetValue(slot, out var blob))
            return false;
        destination.Write(blob);
        return true;
    }

    public void ReadAll(VectorIndexBlobVisitor visitor)
    {
        foreach ((var slot, var blob) in Blobs)
            visitor(slot, blob);
    }
}

/// <summary>Full-precision vectors in an array, row i under ordinal i.</summary>
internal sealed class ArrayReader(float[] rows, int dimension) : IVectorReader
{
    public bool TryRead(int ordinal, Span<float> destination)
    {
        rows.AsSpan(ordinal * dimension, dimension).CopyTo(destination);
        return true;
    }
}
