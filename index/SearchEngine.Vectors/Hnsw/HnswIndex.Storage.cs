using System.Buffers;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    /// <summary>
    /// Opens a stored graph with another quantizer than it was built with: the links stay, the codes are made anew from the full-precision
    /// vectors. Much faster than building, at the same recall or nearly so.
    /// </summary>
    /// <param name="options">The options of the stored index, with another <see cref="VectorIndexOptions.Quantization"/>.</param>
    /// <param name="source">The stored pieces.</param>
    /// <param name="vectors">Where full-precision vectors are read; null if the stored index holds them itself.</param>
    /// <exception cref="VectorIndexException">The image is damaged, of an unknown version, or of other options, or vectors are
    /// missing.</exception>
    public static HnswIndex Requantize(VectorIndexOptions options, IVectorIndexSource source, IVectorReader? vectors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        options.Validate();
        var writer = new ArrayBufferWriter<byte>();
        if (!source.TryRead(IndexHeader.Slot, writer))
            throw new VectorIndexException("The stored index has no header.", IndexHeader.Slot);
        var header = IndexHeader.Parse(writer.WrittenSpan);
        if (header.Kind != IndexHeader.HnswKind)
            throw new VectorIndexException("The stored index is not a graph; it has no codes to be made anew.", IndexHeader.Slot);
        header.RequireAgreement(options with { Quantization = header.Quantization });
        return Load(options, header, source, vectors);
    }

    internal static HnswIndex LoadCore(VectorIndexOptions options, IndexHeader header, IVectorIndexSource source, IVectorReader? vectors)
    {
        header.RequireAgreement(options);
        return Load(options, header, source, vectors);
    }

    private static HnswIndex Load(VectorIndexOptions options, IndexHeader header, IVectorIndexSource source, IVectorReader? vectors)
    {
        // The stored seed made the rotation of the stored codes.
        var index = new HnswIndex(options with { Seed = header.Seed }, vectors);
        try
        {
            new GraphLoader(index._parts).Load(header, source);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    internal static HnswIndex OpenImageCore(
        VectorIndexOptions options,
        string path,
        ImageChanges changes,
        IVectorIndexSource? source,
        IVectorReader? vectors
    )
    {
        var pages = new MappedPages(path);
        HnswIndex? index = null;
        try
        {
            index = new HnswIndex(options with { Seed = GraphImage.SeedOf(pages) }, vectors);
            index._parts.Pages = pages;
            new ImageLoader(index._parts).Load(pages, changes, source);
            index._saver.Resume(changes);
            return index;
        }
        catch
        {
            if (index == null)
                pages.Dispose();
            else
                index.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool TrySaveImage(Stream destination, ReadOnlySpan<byte> tie)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var copy = tie.ToArray();
        lock (_parts.Gate.Imaging)
        {
            // No repair and no other codes meanwhile. Inserts and removals go on: what they change is saved after the image.
            lock (_parts.Gate.Maintenance)
            {
                if (_parts.Graph.Entry < 0)
                    return false;
                _saver.BeginImage();
                var written = false;
                try
                {
                    GraphImage.Write(_parts, destination, copy);
                    written = true;
                }
                finally
                {
                    // Who changed a row that was copied has said so when it is done.
                    _parts.Gate.WaitForInserts();
                    _saver.EndImage(written ? copy : null);
                }
            }
        }
        return true;
    }

    /// <inheritdoc/>
    public override int? SavedSinceImage => _saver.SavedSinceImage;

    /// <inheritdoc/>
    public override byte[]? ImageChanges() => _saver.Changes()?.ToBytes();

    /// <inheritdoc/>
    public override void CheckImage(CancellationToken cancellationToken = default)
    {
        var scratch = _parts.Gate.Rent();
        try
        {
            _parts.Pages?.CheckAll(cancellationToken);
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }

    /// <summary>The pages of the image that the index lies on, for tests that count what an opening reads.</summary>
    internal MappedPages? Pages => _parts.Pages;

    /// <inheritdoc/>
    public override void SaveChanges(IVectorIndexSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var scratch = _parts.Gate.Rent();
        try
        {
            _saver.Save(scratch, sink);
        }
        finally
        {
            _parts.Gate.Return(scratch);
        }
    }
}
