using System.Runtime.InteropServices;

namespace SearchEngine.Vectors.Memory;

/// <summary>One native, 64-byte aligned block that is freed with its owner.</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private void* _pointer;

    public AlignedBuffer(long bytes)
    {
        Length = Math.Max(bytes, 64);
        _pointer = NativeMemory.AlignedAlloc((nuint)Length, 64);
        NativeMemory.Clear(_pointer, (nuint)Length);
    }

    public long Length { get; }

    public byte* Pointer => (byte*)_pointer;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    ~AlignedBuffer() => Free();

    private void Free()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
