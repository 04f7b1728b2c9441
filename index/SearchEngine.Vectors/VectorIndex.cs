using System.Runtime.InteropServices;
using SearchEngine.Vectors.Flat;
using SearchEngine.Vectors.Hnsw;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors;

/// <summary>
/// Nearest-neighbour search over vectors that are named by dense 32-bit ordinals.
/// Every member is thread-safe: searches run beside inserts, removals, repairs and <see cref="SaveChanges"/> without a global lock.
/// Memory is native; dispose the index. <see cref="Dispose()"/> waits for running calls.
/// </summary>
public abstract class VectorIndex : IDisposable
{
    /// <summary>The largest ordinal: ids share 32 bits with a flag.</summary>
    public const int MaxOrdinal = int.MaxValue - 64;

    private protected VectorIndex(VectorIndexOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
    }

    /// <summary>How many vectors a search can return.</summary>
    public abstract int Count { get; }

    /// <summary>The number of components of every vector.</summary>
    public int Dimension => Options.Dimension;

    /// <summary>The distance.</summary>
    public DistanceMetric Metric => Options.Metric;

    /// <summary>The options the index was created with.</summary>
    public VectorIndexOptions Options { get; }

    /// <summary>What the index holds in memory.</summary>
    public abstract VectorIndexStatistics Statistics { get; }

    /// <summary>Adds one vector.</summary>
    /// <exception cref="ArgumentException">The ordinal is present, or the vector has a wrong length, a NaN, an infinity or, under cosine,
    /// no direction.</exception>
    public void Add(int ordinal, ReadOnlySpan<float> vector)
    {
        if (!TryAdd(ordinal, vector))
            throw new ArgumentException($"Ordinal {ordinal} is already in the index; remove it first.", nameof(ordinal));
    }

    /// <summary>Adds one vector unless its ordinal is already live; the idempotent form for replaying a log.</summary>
    /// <returns>False if the ordinal was live; the index is then unchanged.</returns>
    public abstract bool TryAdd(int ordinal, ReadOnlySpan<float> vector);

    /// <summary>Adds many vectors on several threads.</summary>
    /// <param name="ordinals">One ordinal per vector.</param>
    /// <param name="vectors">The vectors one after the other, row-major: ordinals × dimension floats.</param>
    /// <param name="threads">Threads to use; 0 takes <see cref="VectorIndexOptions.BuildThreads"/>. One thread adds in the order
    /// given.</param>
    /// <param name="cancellationToken">Stops between vectors; those already added stay.</param>
    /// <exception cref="ArgumentException">As for <see cref="Add"/>; vectors before and, with several threads, around the bad one may have
    /// been added.</exception>
    public void AddRange(
        ReadOnlySpan<int> ordinals,
        ReadOnlyMemory<float> vectors,
        int threads = 0,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (vectors.Length != (long)ordinals.Length * Dimension)
        {
            throw new ArgumentException(
                $"{ordinals.Length} vectors of dimension {Dimension} are {(long)ordinals.Length * Dimension} floats, but {vectors.Length} were given.",
                nameof(vectors)
            );
        }
        if (threads == 0)
            threads = Options.BuildThreads == 0 ? Environment.ProcessorCount : Options.BuildThreads;
        var dimension = Dimension;
        threads = Math.Min(threads, ordinals.Length);
        if (threads <= 1)
        {
            for (var i = 0; i < ordinals.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Add(ordinals[i], vectors.Span.Slice(i * dimension, dimension));
            }
            return;
        }
        var copy = ordinals.ToArray();
        // The first few go in alone: threads that start on an empty graph would not find each other's nodes.
        var alone = Math.Min(copy.Length, 64);
        for (var i = 0; i < alone; i++)
            Add(copy[i], vectors.Span.Slice(i * dimension, dimension));
        var next = alone - 1;
        ParallelWork.Run(
            threads,
            cancellationToken,
            token =>
            {
                int i;
                while ((i = Interlocked.Increment(ref next)) < copy.Length && i >= 0)
                {
                    token.ThrowIfCancellationRequested();
                    Add(copy[i], vectors.Span.Slice(i * dimension, dimension));
                }
            }
        );
    }

    /// <summary>
    /// Takes a vector out of every later search at once. A graph index keeps the node as a way-point until <see cref="Repair"/>.
    /// </summary>
    /// <returns>False if the ordinal was not live.</returns>
    public abstract bool Remove(int ordinal);

    /// <summary>Whether <paramref name="ordinal"/> can be found by searches.</summary>
    public abstract bool Contains(int ordinal);

    /// <summary>Finds the nearest vectors.</summary>
    /// <remarks>
    /// The first n results do not depend on how many are asked for: page p of a query is the slice of one search for p + 1 pages, with the
    /// same
    /// options on the same content. A flat index is exact throughout. A graph index gives its results in blocks, each nearest first: 10,
    /// then as many as the beam is wide (two fifths of the default beam), then twice as many and so on, from beams that grow along. What
    /// only a wider beam finds begins its block, though it may be nearer than the end of the block before; nothing is given twice or left out. As many
    /// results as match are given if so many are asked for.
    /// </remarks>
    /// <param name="query">The query, of the index's dimension, finite and, under cosine, not zero.</param>
    /// <param name="destination">Receives up to its length of results; at least one long.</param>
    /// <param name="options">Beam width, re-ranking and filter.</param>
    /// <returns>How many results were written.</returns>
    public abstract int Search(ReadOnlySpan<float> query, Span<VectorHit> destination, in VectorQueryOptions options);

    /// <summary>Measures given vectors, near or far: the full-precision distances that a search would give them.</summary>
    /// <param name="query">The query, of the index's dimension, finite and, under cosine, not zero.</param>
    /// <param name="ordinals">Whose vectors.</param>
    /// <param name="distances">Takes a distance for each, in their order; <see cref="float.NaN"/> where no vector is live. As long as
    /// <paramref name="ordinals"/>, or longer.</param>
    /// <exception cref="ArgumentException">The query does not fit, or there is not room for every distance.</exception>
    public abstract void Measure(ReadOnlySpan<float> query, ReadOnlySpan<int> ordinals, Span<float> distances);

    /// <summary>
    /// The beam width, and with it the oversampling of coarse codes, that a recall takes on the vectors in the index: some of them are
    /// asked
    /// for their own neighbours and the answers held against exact ones, with ever wider beams. Measure again after the collection has
    /// grown
    /// several times over. Queries of another distribution than the vectors' need more.
    /// </summary>
    /// <param name="recall">The share of true neighbours wanted, above 0 and at most 1.</param>
    /// <param name="k">How many neighbours searches ask for.</param>
    /// <param name="samples">How many vectors are asked. Each costs one exact scan and about ten searches.</param>
    /// <param name="cancellationToken">Stops between searches.</param>
    /// <returns>Options for <see cref="Search"/>; the widest beam tried, 4,096, where the recall was not reached. A flat index needs
    /// none.</returns>
    public virtual VectorQueryOptions OptionsForRecall(
        double recall,
        int k = 10,
        int samples = 100,
        CancellationToken cancellationToken = default
    )
    {
        CheckRecall(recall, k, samples);
        return default;
    }

    private protected static void CheckRecall(double recall, int k, int samples)
    {
        if (!(recall > 0 && recall <= 1))
            throw new ArgumentOutOfRangeException(nameof(recall), recall, "The recall wanted must be above 0 and at most 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
    }

    /// <summary>
    /// Heals the graph around removed vectors and frees their ordinals for new vectors. Searches and inserts go on meanwhile.
    /// </summary>
    /// <returns>How many ordinals were freed.</returns>
    public abstract int Repair(CancellationToken cancellationToken = default);

    /// <summary>
    /// Repairs, and lays vectors that are near each other in the graph near each other in memory, so that searches meet fewer cache and
    /// page
    /// misses. Answers do not change, nor does what is saved. Searches and changes wait while memory is moved: meant for a quiet moment,
    /// after opening or after a large load.
    /// </summary>
    public virtual void Compact(CancellationToken cancellationToken = default) => Repair(cancellationToken);

    /// <summary>
    /// Checks the structure: degrees, dangling and duplicate links, reachability of every live vector. Meant for an index at rest.
    /// </summary>
    /// <param name="maxProblems">Stops after this many.</param>
    /// <returns>One sentence per problem; empty when the index is sound.</returns>
    public abstract IReadOnlyList<string> Verify(int maxProblems = 100);

    /// <summary>
    /// Writes every piece changed since the last call, then the header. Runs beside searches and inserts; what changes while it runs
    /// is written by the next call. If <paramref name="sink"/> throws, what had been taken is written again by the next call.
    /// </summary>
    public abstract void SaveChanges(IVectorIndexSink sink);

    /// <summary>
    /// Opens an index that <see cref="SaveChanges"/> stored. Links to nodes that the image lacks are dropped and nodes that nothing links
    /// to
    /// are linked again, so that an image taken during inserts opens; the caller then replays what came after it.
    /// </summary>
    /// <param name="options">Must agree with the stored index in dimension, metric, quantization and M; the tuning may differ.</param>
    /// <param name="source">The stored pieces.</param>
    /// <param name="vectors">Where re-ranking reads full-precision vectors; null if the index holds them itself.</param>
    /// <exception cref="VectorIndexException">The image is damaged, of an unknown version, or of other options.</exception>
    public static VectorIndex Load(VectorIndexOptions options, IVectorIndexSource source, IVectorReader? vectors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        options.Validate();
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        if (!source.TryRead(IndexHeader.Slot, writer))
            throw new VectorIndexException("The stored index has no header.", IndexHeader.Slot);
        var header = IndexHeader.Parse(writer.WrittenSpan);
        return header.Kind switch
        {
            IndexHeader.FlatKind => FlatIndex.LoadCore(options, header, source, vectors),
            IndexHeader.HnswKind => HnswIndex.LoadCore(options, header, source, vectors),
            _ => throw new VectorIndexException($"The stored index is of the unknown kind {header.Kind}.", IndexHeader.Slot),
        };
    }

    /// <summary>
    /// Writes the index as one file that <c>OpenImage</c> maps instead of reading. Inserts, removals and searches go on meanwhile; repairs
    /// wait. What was not saved before, or changes while it is written, the next <see cref="SaveChanges"/> saves, and
    /// <see cref="ImageChanges"/> then names: image and list together are what is stored. Both can be removed at any time.
    /// </summary>
    /// <param name="destination">Where the image is written, from its present position on, which must be its start.</param>
    /// <param name="tie">What names the stored state, for instance the identifier of a checkpoint; opening asks for the same.</param>
    /// <returns>False, with nothing written, if the index is empty or of a kind without images.</returns>
    public virtual bool TrySaveImage(Stream destination, ReadOnlySpan<byte> tie) => false;

    /// <summary>How many pieces were saved since the newest image, an upper bound; null where there is no image.</summary>
    public virtual int? SavedSinceImage => null;

    /// <summary>
    /// The list of what was saved since the newest image (the one that this index was opened from, or wrote last): keep it with the state
    /// that the last <see cref="SaveChanges"/> stored, and call it before the next. Null where there is no image.
    /// </summary>
    public virtual byte[]? ImageChanges() => null;

    /// <summary>
    /// Opens an image by mapping it: codes and links are used in place, so that opening costs the same whatever the number of vectors.
    /// Pages are
    /// checked at their first use; a call that meets a damaged one throws <see cref="VectorIndexException"/> and has no result. What
    /// changes
    /// is private to the process and never written to the image.
    /// </summary>
    /// <param name="options">As for <see cref="Load"/>.</param>
    /// <param name="path">The image. It must stay as it is while the index is in use.</param>
    /// <param name="tie">What the image must have been written with.</param>
    /// <param name="vectors">As for <see cref="Load"/>.</param>
    /// <exception cref="VectorIndexException">The image is damaged, of an unknown version, of other options or of another tie: load the
    /// index instead.</exception>
    /// <exception cref="IOException">The image is missing or cannot be mapped.</exception>
    public static VectorIndex OpenImage(VectorIndexOptions options, string path, ReadOnlySpan<byte> tie, IVectorReader? vectors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options.Validate();
        return HnswIndex.OpenImageCore(options, path, new ImageChanges(tie.ToArray(), []), null, vectors);
    }

    /// <summary>
    /// Opens an image of an earlier state and brings it to a stored one: as the other overload, and reads the pieces that were saved since.
    /// </summary>
    /// <param name="options">As for <see cref="Load"/>.</param>
    /// <param name="path">The image. It must stay as it is while the index is in use.</param>
    /// <param name="changes">What <see cref="ImageChanges"/> gave when <paramref name="source"/> was stored; it names the image's tie.</param>
    /// <param name="source">The stored pieces.</param>
    /// <param name="vectors">As for <see cref="Load"/>.</param>
    /// <exception cref="VectorIndexException">Image, list or a piece is damaged, of an unknown version, of other options, or they do not
    /// belong together: load the index instead.</exception>
    /// <exception cref="IOException">The image is missing or cannot be mapped.</exception>
    public static VectorIndex OpenImage(
        VectorIndexOptions options,
        string path,
        ReadOnlySpan<byte> changes,
        IVectorIndexSource source,
        IVectorReader? vectors
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(source);
        options.Validate();
        return HnswIndex.OpenImageCore(options, path, Hnsw.ImageChanges.Parse(changes), source, vectors);
    }

    /// <summary>
    /// Checks the pages of the image that the index was opened from and that no call has used yet; from then on using them costs nothing
    /// more. Meant
    /// for the background. Does nothing where there is no image.
    /// </summary>
    /// <exception cref="VectorIndexException">A page is damaged: remove the image and open the index anew.</exception>
    public virtual void CheckImage(CancellationToken cancellationToken = default) { }

    /// <summary>Frees the native memory after running calls have ended. Later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    private protected abstract void Dispose(bool disposing);

    private protected static void CheckOrdinal(int ordinal)
    {
        if ((uint)ordinal > MaxOrdinal)
            throw new ArgumentOutOfRangeException(nameof(ordinal), ordinal, $"An ordinal must be 0 to {MaxOrdinal}.");
    }

    private protected void CheckVector(ReadOnlySpan<float> vector, string name)
    {
        if (vector.Length != Dimension)
            throw new ArgumentException($"The vector has {vector.Length} components, the index has dimension {Dimension}.", name);
        if (!Distance.FloatKernels.IsFinite(vector))
            throw new ArgumentException($"Component {FirstNotFinite(vector)} of the vector is not a finite number.", name);
        if (Metric == DistanceMetric.Cosine && vector.IndexOfAnyExcept(0f) < 0)
            throw new ArgumentException("A zero vector has no direction, so cosine distance is not defined for it.", name);
    }

    private protected static void CheckRoom(ReadOnlySpan<int> ordinals, Span<float> distances)
    {
        if (distances.Length < ordinals.Length)
            throw new ArgumentException($"There is room for {distances.Length} distances of {ordinals.Length}.", nameof(distances));
    }

    private static int FirstNotFinite(ReadOnlySpan<float> vector)
    {
        for (var i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i]))
                return i;
        }
        return -1;
    }

    private protected static void CheckSearch(Span<VectorHit> destination, in VectorQueryOptions options)
    {
        if (destination.IsEmpty)
            throw new ArgumentException("The destination is empty; a search returns at least one result.", nameof(destination));
        if (options.Ef is < 0 or > 65536)
            throw new ArgumentOutOfRangeException(nameof(options), options.Ef, "Ef must be 0 (from the index options) to 65536.");
        if (!(options.Slack >= 0 && options.Slack <= 10))
            throw new ArgumentOutOfRangeException(nameof(options), options.Slack, "Slack must be 0 (the whole beam) to 10.");
        if (options.Rerank < -1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.Rerank,
                "Rerank must be -1 (none), 0 (automatic) or a number of candidates."
            );
        }
    }
}
