using System.Runtime.InteropServices;

namespace SearchEngine.Vectors.Flat;

public sealed partial class FlatIndex
{
    // Blob: version u8, three bytes of zero, the prepared vector.
    private const byte BlobVersion = 1;
    private const int BlobHeaderBytes = 4;

    /// <inheritdoc/>
    public override unsafe void SaveChanges(IVectorIndexSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        Enter();
        try
        {
            lock (_writing)
            {
                var blob = new byte[BlobHeaderBytes + _rows.Stride];
                blob[0] = BlobVersion;
                foreach (var ordinal in _changed)
                {
                    if (!Contains(ordinal))
                    {
                        sink.Delete(ordinal);
                        continue;
                    }
                    new ReadOnlySpan<byte>(_rows.Row(ordinal), _rows.Stride).CopyTo(blob.AsSpan(BlobHeaderBytes));
                    sink.Write(ordinal, blob);
                }
                var header = new IndexHeader(
                    IndexHeader.FlatKind,
                    Metric,
                    VectorQuantization.None,
                    IndexFlags.Clean,
                    0,
                    Dimension,
                    0,
                    Count,
                    _live.Capacity,
                    -1,
                    []
                );
                sink.Write(IndexHeader.Slot, header.ToBytes());
                _changed.Clear();
            }
        }
        finally
        {
            _disposal.ExitReadLock();
        }
    }

    internal static unsafe FlatIndex LoadCore(
        VectorIndexOptions options,
        IndexHeader header,
        IVectorIndexSource source,
        IVectorReader? vectors
    )
    {
        header.RequireAgreement(options);
        var index = new FlatIndex(options, vectors);
        try
        {
            source.ReadAll(
                (slot, blob) =>
                {
                    if (slot == IndexHeader.Slot)
                        return;
                    if ((uint)slot > MaxOrdinal || blob.Length != BlobHeaderBytes + index._rows.Stride || blob[0] != BlobVersion)
                    {
                        throw new VectorIndexException(
                            $"Vector {slot} of the stored index is damaged or of an unknown format version.",
                            slot
                        );
                    }
                    if (index.Contains(slot))
                        throw new VectorIndexException($"Vector {slot} occurs twice in the stored index.", slot);
                    index._rows.Ensure(slot);
                    blob[BlobHeaderBytes..].CopyTo(new Span<byte>(index._rows.Row(slot), index._rows.Stride));
                    index.MakeLive(slot);
                }
            );
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }
}
