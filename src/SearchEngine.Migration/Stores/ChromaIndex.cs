using System.Buffers.Binary;

namespace SearchEngine.Migration;

/// <summary>
/// The saved HNSW index of a Chroma collection, for its vectors: header.bin (sizes and offsets of Chroma's hnswlib), data_level0.bin (an
/// element
/// each: links, vector, label), length.bin (the lengths of vectors that were normalized) and index_metadata.pickle (ids and labels).
/// </summary>
internal sealed class ChromaIndex : IDisposable
{
    private const int HeaderBytes = 100;
    private const int FormatVersion = 1;
    private readonly FileStream _data;
    private readonly Dictionary<string, long> _positions;
    private readonly float[]? _lengths;
    private readonly int _dimension;
    private readonly long _elementBytes;
    private readonly long _vectorOffset;

    private ChromaIndex(FileStream data, Header header, Dictionary<string, long> labels, float[]? lengths)
    {
        _data = data;
        _dimension = header.Dimension;
        _elementBytes = header.ElementBytes;
        _vectorOffset = header.VectorOffset;
        _lengths = lengths;
        var byLabel = new Dictionary<long, long>();
        Span<byte> label = stackalloc byte[sizeof(long)];
        for (var element = 0L; element < header.Count; element++)
        {
            ReadAt(element * _elementBytes + header.LabelOffset, label);
            byLabel[BinaryPrimitives.ReadInt64LittleEndian(label)] = element;
        }

        _positions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (id, number) in labels)
        {
            if (byLabel.TryGetValue(number, out var element))
                _positions[id] = element;
        }
    }

    /// <param name="folder">The index's folder.</param>
    /// <param name="dimension">Of its vectors, as the database says; null where it does not.</param>
    /// <param name="scales">Whether vectors were normalized and are to be given their length again (cosine).</param>
    /// <returns>Null where no index was saved yet.</returns>
    public static ChromaIndex? Open(string folder, int? dimension, bool scales)
    {
        var metadata = Path.Combine(folder, "index_metadata.pickle");
        if (!File.Exists(metadata))
            return null;
        var name = Path.GetFileName(folder);
        var labels = PickledIndex.ReadLabels(metadata);
        var header = Header.Read(Path.Combine(folder, "header.bin"), name);
        if (dimension is { } expected && expected != header.Dimension)
            throw Damaged(name, $"its vectors have {header.Dimension} dimensions, the database says {expected}");
        var data = new FileStream(Path.Combine(folder, "data_level0.bin"), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            if (data.Length < header.Count * header.ElementBytes)
                throw Damaged(name, "data_level0.bin is cut short");
            var lengths = scales ? SqliteFile.Floats(File.ReadAllBytes(Path.Combine(folder, "length.bin"))) : null;
            if (lengths is not null && lengths.Length < header.Count)
                throw Damaged(name, "length.bin is cut short");
            return new ChromaIndex(data, header, labels, lengths);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The vector of an id; null where the index has none.</summary>
    public float[]? Find(string id)
    {
        if (!_positions.TryGetValue(id, out var element))
            return null;
        var bytes = new byte[_dimension * sizeof(float)];
        ReadAt(element * _elementBytes + _vectorOffset, bytes);
        var vector = SqliteFile.Floats(bytes);
        if (_lengths is { } lengths && lengths[element] is > 0 and var length)
        {
            for (var i = 0; i < vector.Length; i++)
                vector[i] *= length;
        }
        return vector;
    }

    public void Dispose() => _data.Dispose();

    private void ReadAt(long offset, Span<byte> bytes)
    {
        _data.Position = offset;
        _data.ReadExactly(bytes);
    }

    private static MigrationException Damaged(string folder, string what) =>
        new($"The index folder {folder} cannot be read: {what}. Open the folder with Chroma and {ChromaJson.HowToExport}.");

    private readonly record struct Header(long Count, long ElementBytes, long LabelOffset, long VectorOffset)
    {
        public int Dimension => (int)((LabelOffset - VectorOffset) / sizeof(float));

        public static Header Read(string path, string folder)
        {
            var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
            if (bytes.Length != HeaderBytes || BinaryPrimitives.ReadInt32LittleEndian(bytes) != FormatVersion)
                throw Damaged(folder, "header.bin is of another format");
            // version (4), offset of level 0, room, count, bytes of an element, offsets of label and vector in it (8 each), …
            var header = new Header(At(bytes, 20), At(bytes, 28), At(bytes, 36), At(bytes, 44));
            var isSound =
                header is { Count: >= 0, VectorOffset: > 0 }
                && header.Count <= At(bytes, 12)
                && header.LabelOffset > header.VectorOffset
                && header.ElementBytes == header.LabelOffset + sizeof(long)
                && (header.LabelOffset - header.VectorOffset) % sizeof(float) == 0;
            return isSound ? header : throw Damaged(folder, "the sizes in header.bin do not fit together");
        }

        private static long At(byte[] bytes, int offset) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(offset));
    }
}
