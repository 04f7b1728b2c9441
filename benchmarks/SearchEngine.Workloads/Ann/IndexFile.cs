using System.Buffers;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Ann;

/// <summary>A saved index in one file, so that steps of a measurement can share it: slot, length and bytes of each piece.</summary>
internal sealed class IndexFile : IVectorIndexSink, IVectorIndexSource, IDisposable
{
    private readonly BinaryWriter? _writer;
    private readonly string _path;

    private IndexFile(string path, bool write)
    {
        _path = path;
        _writer = write ? new BinaryWriter(new BufferedStream(File.Create(path), 1 << 20)) : null;
    }

    public static IndexFile Create(string path) => new(path, true);

    public static IndexFile Open(string path) => new(path, false);

    public void Write(int slot, ReadOnlySpan<byte> blob)
    {
        _writer!.Write(slot);
        _writer.Write(blob.Length);
        _writer.Write(blob);
    }

    public void Delete(int slot) { }

    public bool TryRead(int slot, IBufferWriter<byte> destination)
    {
        var found = false;
        Visit(
            (s, blob) =>
            {
                if (s == slot)
                {
                    destination.Write(blob);
                    found = true;
                }
            }
        );
        return found;
    }

    public void ReadAll(VectorIndexBlobVisitor visitor) => Visit(visitor);

    private void Visit(VectorIndexBlobVisitor visitor)
    {
        using var reader = new BinaryReader(new BufferedStream(File.OpenRead(_path), 1 << 20));
        var length = reader.BaseStream.Length;
        byte[] buffer = [];
        while (reader.BaseStream.Position < length)
        {
            int slot = reader.ReadInt32(),
                bytes = reader.ReadInt32();
            if (buffer.Length < bytes)
                buffer = new byte[bytes];
            reader.BaseStream.ReadExactly(buffer, 0, bytes);
            visitor(slot, buffer.AsSpan(0, bytes));
        }
    }

    public void Dispose() => _writer?.Dispose();
}
