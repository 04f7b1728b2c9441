using System.Runtime.InteropServices;

namespace SearchEngine.Embeddings;

/// <summary>Unmanaged memory of float32 on a cache line's boundary, grown on demand; growing loses the content.</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private const nuint Alignment = 64;
    private nint _capacity;

    public AlignedBuffer(nint elements = 0)
    {
        if (elements > 0)
            Reserve(elements);
    }

    ~AlignedBuffer() => Free();

    /// <summary>The first element.</summary>
    public float* Start { get; private set; }

    /// <summary>The same memory as bytes.</summary>
    public sbyte* Bytes => (sbyte*)Start;

    /// <summary>Makes room for this many elements; returns the first.</summary>
    public float* Reserve(nint elements)
    {
        if (elements > _capacity)
        {
            Free();
            Start = (float*)NativeMemory.AlignedAlloc(checked((nuint)elements * sizeof(float)), Alignment);
            _capacity = elements;
            GC.AddMemoryPressure(elements * sizeof(float));
        }
        return Start;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_capacity == 0)
            return;
        NativeMemory.AlignedFree(Start);
        GC.RemoveMemoryPressure(_capacity * sizeof(float));
        Start = null;
        _capacity = 0;
    }
}
