using System.Buffers.Binary;
using System.Text;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// A graph index as one file that is mapped, not read: the tables as they lie in memory, each from a page border on, then the header (what
/// the index
/// is, checksums of all pages), then a trailer that tells where the header is. Derived from what <see cref="GraphSaver"/> stored, and tied
/// to it by
/// bytes that the caller gives: an image that is missing, damaged, of another version or of another tie is done without.
/// </summary>
/// <remarks>Little-endian machines only, which tables in place take for granted. See docs/decisions/mapped-graph.md.</remarks>
internal static unsafe class GraphImage
{
    private const ulong Magic = 0x0000_4547_414D_4956;
    private const int Version = 2;

    // Trailer: magic u64, version i32, header length i32, header offset i64, checksum of the header u64, checksum of what is before u64.
    private const int TrailerBytes = 40;

    /// <summary>
    /// Writes an index. Inserts and removals may go on: rows that they change meanwhile may be in the image as they were, as they are or a
    /// mixture, and the caller sees to it that nobody takes them from there. Repairs, fits and renumberings must wait.
    /// </summary>
    public static void Write(HnswParts parts, Stream destination, ReadOnlySpan<byte> tie)
    {
        // What is damaged in an image below must not get a checksum of its own.
        parts.Pages?.CheckAll(CancellationToken.None);
        var header = new MemoryStream();
        using var writer = new BinaryWriter(header, Encoding.UTF8);
        WriteBytes(writer, tie);
        WriteBytes(writer, parts.Header(IndexFlags.Clean).ToBytes());
        // Before the state: pivots are nodes below its slots.
        WriteBytes(writer, parts.Pivots.Pivots is PivotSet pivots ? PivotBlob.Write(pivots, new OrdinalMap()) : []);
        parts.Map.SaveState(writer);
        var state = parts.Graph.CaptureState();
        var sums = new List<ulong>();
        var page = new byte[MappedPages.PageBytes];
        var tables = Tables(parts);
        var counts = new StateCounts();
        writer.Write(tables.Length);
        foreach (var table in tables)
        {
            var chunks = table.Chunks;
            writer.Write(table.Stride);
            writer.Write(table.ChunkShift);
            writer.Write(chunks);
            writer.Write((long)sums.Count * MappedPages.PageBytes);
            WriteTable(table, chunks, destination, page, sums, table == parts.Graph.States ? counts : null);
        }
        writer.Write(sums.Count);
        foreach (var sum in sums)
            writer.Write(sum);
        state.Write(writer);
        writer.Write(counts.Live);
        writer.Write(counts.Removed);
        writer.Flush();
        WriteEnd(destination, header.GetBuffer().AsSpan(0, (int)header.Length), (long)sums.Count * MappedPages.PageBytes);
    }

    /// <summary>
    /// Takes an image for the content of an empty index, but for its pivots, which are returned as they were stored. The pages stay in use;
    /// the caller disposes them after the index.
    /// </summary>
    /// <exception cref="VectorIndexException">The image is damaged, of an unknown version, of another tie, or of other options.</exception>
    public static byte[] Attach(HnswParts parts, MappedPages pages, ReadOnlySpan<byte> tie)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(ReadHeader(pages)), Encoding.UTF8);
            if (!tie.SequenceEqual(ReadBytes(reader)))
                throw new VectorIndexException("The image is of another state of the index.");
            var stored = IndexHeader.Parse(ReadBytes(reader));
            stored.RequireAgreement(parts.Options);
            if (stored.Kind != IndexHeader.HnswKind || stored.Seed != parts.Options.Seed)
                throw new VectorIndexException("The image is of another kind or seed.", IndexHeader.Slot);
            parts.Gate.Space.Codec.LoadParameters(stored.Parameters);
            parts.Gate.BeyondCodes = (stored.Flags & IndexFlags.BeyondCodes) != 0;
            var pivots = ReadBytes(reader);
            parts.Map.LoadState(reader);
            AttachTables(parts, pages, reader);
            parts.Quantizer.TakeAsFitted();
            return pivots;
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException)
        {
            throw new VectorIndexException("The header of the image is damaged.", IndexHeader.Slot, e);
        }
    }

    /// <summary>The seed of an image's index, which made the rotation of its codes.</summary>
    public static int SeedOf(MappedPages pages)
    {
        using var reader = new BinaryReader(new MemoryStream(ReadHeader(pages)), Encoding.UTF8);
        ReadBytes(reader);
        return IndexHeader.Parse(ReadBytes(reader)).Seed;
    }

    private static void AttachTables(HnswParts parts, MappedPages pages, BinaryReader reader)
    {
        var tables = Tables(parts);
        if (reader.ReadInt32() != tables.Length)
            throw new VectorIndexException("The image has other tables than the index.", IndexHeader.Slot);
        var places = new (int Chunks, long Offset)[tables.Length];
        for (var i = 0; i < tables.Length; i++)
        {
            int stride = reader.ReadInt32(),
                shift = reader.ReadInt32();
            places[i] = (reader.ReadInt32(), reader.ReadInt64());
            if (stride != tables[i].Stride || shift != tables[i].ChunkShift)
                throw new VectorIndexException("The tables of the image are laid out in another way than the index's.", IndexHeader.Slot);
        }
        var sums = new ulong[reader.ReadInt32()];
        for (var i = 0; i < sums.Length; i++)
            sums[i] = reader.ReadUInt64();
        pages.Expect(sums);
        parts.Graph.TakeState(GraphState.Read(reader), reader.ReadInt32(), reader.ReadInt32());
        for (var i = 0; i < tables.Length; i++)
        {
            (var chunks, var offset) = places[i];
            if (chunks < 0 || offset < 0 || offset + chunks * tables[i].ChunkRowBytes > (long)sums.Length * MappedPages.PageBytes)
                throw new VectorIndexException("A table of the image lies outside it.", IndexHeader.Slot);
            tables[i].Attach(pages, pages.Pointer + offset, chunks);
        }
    }

    private static NativeTable[] Tables(HnswParts parts)
    {
        var tables = new List<NativeTable>(parts.Graph.Tables) { parts.Gate.Space.Codes };
        if (parts.Gate.Space.Terms is NativeTable terms)
            tables.Add(terms);
        if (parts.Vectors.Held is NativeTable held)
            tables.Add(held);
        return [.. tables];
    }

    // Whole chunks, one after the other, up to the next page border. Pages of zeros are left out of the file, as holes.
    private static void WriteTable(NativeTable table, int chunks, Stream destination, byte[] page, List<ulong> sums, StateCounts? counts)
    {
        var filled = 0;
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            for (long at = 0; at < table.ChunkRowBytes; )
            {
                var n = (int)Math.Min(page.Length - filled, table.ChunkRowBytes - at);
                new ReadOnlySpan<byte>(table.Chunk(chunk) + at, n).CopyTo(page.AsSpan(filled));
                counts?.Add(page.AsSpan(filled, n));
                (filled, at) = (filled + n, at + n);
                if (filled == page.Length)
                {
                    WritePage(destination, page, sums);
                    filled = 0;
                }
            }
        }
        if (filled > 0)
        {
            page.AsSpan(filled).Clear();
            WritePage(destination, page, sums);
        }
    }

    private static void WritePage(Stream destination, byte[] page, List<ulong> sums)
    {
        sums.Add(MappedPages.SumOf(page));
        if (destination.CanSeek && !page.AsSpan().ContainsAnyExcept((byte)0))
            destination.Seek(page.Length, SeekOrigin.Current);
        else
            destination.Write(page);
    }

    private static void WriteEnd(Stream destination, ReadOnlySpan<byte> header, long offset)
    {
        destination.Write(header);
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(trailer, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[12..], header.Length);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[16..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[24..], MappedPages.SumOf(header));
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[32..], MappedPages.SumOf(trailer[..32]));
        destination.Write(trailer);
    }

    private static byte[] ReadHeader(MappedPages pages)
    {
        if (!BitConverter.IsLittleEndian)
            throw new VectorIndexException("Images of graphs are for little-endian machines.", IndexHeader.Slot);
        if (pages.Length < TrailerBytes)
            throw new VectorIndexException("The image is damaged: it is too short.", IndexHeader.Slot);
        var trailer = new ReadOnlySpan<byte>(pages.Pointer + pages.Length - TrailerBytes, TrailerBytes);
        if (
            BinaryPrimitives.ReadUInt64LittleEndian(trailer) != Magic
            || BinaryPrimitives.ReadUInt64LittleEndian(trailer[32..]) != MappedPages.SumOf(trailer[..32])
        )
        {
            throw new VectorIndexException("The image is damaged: its end is not that of an image.", IndexHeader.Slot);
        }
        int version = BinaryPrimitives.ReadInt32LittleEndian(trailer[8..]),
            length = BinaryPrimitives.ReadInt32LittleEndian(trailer[12..]);
        if (version != Version)
        {
            throw new VectorIndexException($"The image has format version {version}; this build reads version {Version}.", IndexHeader.Slot)
            {
                IsNewerVersion = version > Version,
            };
        }
        var offset = BinaryPrimitives.ReadInt64LittleEndian(trailer[16..]);
        if (length < 0 || offset < 0 || offset + length + TrailerBytes != pages.Length)
            throw new VectorIndexException("The image is damaged: its header does not lie where it should.", IndexHeader.Slot);
        var header = new ReadOnlySpan<byte>(pages.Pointer + offset, length);
        if (MappedPages.SumOf(header) != BinaryPrimitives.ReadUInt64LittleEndian(trailer[24..]))
            throw new VectorIndexException("The header of the image is damaged.", IndexHeader.Slot);
        return header.ToArray();
    }

    private static void WriteBytes(BinaryWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] ReadBytes(BinaryReader reader) => reader.ReadBytes(reader.ReadInt32());
}
