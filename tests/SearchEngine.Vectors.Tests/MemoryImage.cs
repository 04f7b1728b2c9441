using System.Buffers;

namespace SearchEngine.Vectors.Tests;

/// <summary>Sink and source over a dictionary.</summary>
internal sealed class MemoryImage : IVectorIndexSink, IVectorIndexSource
{
    public Dictionary<int, byte[]> Blobs { get; } = [];

    public int Writes { get; private set; }

    public int Reads { get; private set; }

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
        Reads++;
        if (!Blobs.TryGetValue(slot, out var blob))
            return false;
        destination.Write(blob);
        return true;
    }

    /// <summary>What is stored at this moment.</summary>
    public MemoryImage Copy()
    {
        var copy = new MemoryImage();
        foreach ((var slot, var blob) in Blobs)
            copy.Blobs[slot] = blob;
        return copy;
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
