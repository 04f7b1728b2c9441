using System.Globalization;

namespace SearchEngine.Training.Distillation;

/// <summary>The vectors of one teacher for a list of texts, filled on disk first and read by row after. Not thread-safe.</summary>
internal sealed class TeacherVectors : IDisposable
{
    /// <summary>
    /// Texts embedded between two appends: sorted by length they fill batches, and an interruption costs no more than these. A teacher
    /// that is through with as many in less than <see cref="ShortChunk"/> gets twice as many.
    /// </summary>
    private const int SmallestChunk = 4096;

    private const int LargestChunk = 65_536;

    private static readonly TimeSpan ShortChunk = TimeSpan.FromSeconds(5);

    private readonly Teacher _teacher;
    private readonly TeacherCache _cache;
    private UInt128[] _keys = [];

    public TeacherVectors(Teacher teacher, string cacheFolder)
    {
        _teacher = teacher;
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{teacher.Config.DisplayName}.{teacher.Identity[..Math.Min(12, teacher.Identity.Length)]}.vectors"
        );
        _cache = TeacherCache.OpenOrCreate(Path.Combine(cacheFolder, name), teacher.Identity, teacher.Dimension);
    }

    public int Dimension => _cache.Dimension;

    public double Weight => _teacher.Config.Weight;

    /// <summary>Computes what the cache lacks.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="messages">Told of every chunk.</param>
    /// <param name="cancellationToken">Ends after the current chunk; what is done stays in the cache.</param>
    /// <returns>For each text whether the teacher has a vector of it.</returns>
    public bool[] Fill(IReadOnlyList<DistillationText> texts, IProgress<string>? messages, CancellationToken cancellationToken)
    {
        _keys = Compute(texts, messages, cancellationToken);
        return [.. _keys.Select(_cache.Contains)];
    }

    /// <summary>Vectors of other texts, through the same cache: (texts, dimension) row-major, zeros where the teacher has none.</summary>
    public float[] Embed(IReadOnlyList<DistillationText> texts, IProgress<string>? messages, CancellationToken cancellationToken) =>
        Read(Compute(texts, messages, cancellationToken));

    /// <summary>Keeps only some of the texts given to <see cref="Fill"/>, in the order given.</summary>
    public void Select(IReadOnlyList<int> rows) => _keys = [.. rows.Select(r => _keys[r])];

    /// <summary>Vectors of some rows: (rows, dimension) row-major.</summary>
    public float[] Read(ReadOnlySpan<int> rows)
    {
        var keys = new UInt128[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            keys[i] = _keys[rows[i]];
        return Read(keys);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _teacher.Dispose();
    }

    private UInt128[] Compute(IReadOnlyList<DistillationText> texts, IProgress<string>? messages, CancellationToken cancellationToken)
    {
        var keys = texts.Select(t => TextKey.Of(_teacher.Reads(t))).ToArray();
        var missing = Enumerable.Range(0, texts.Count).Where(i => !_cache.Contains(keys[i])).DistinctBy(i => keys[i]).ToArray();
        messages?.Report(
            $"teacher {_teacher.Config.DisplayName}: {texts.Count - missing.Length:N0} of {texts.Count:N0} vectors are in the cache"
        );
        var done = 0;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var size = SmallestChunk;
        while (done < missing.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = clock.Elapsed;
            var chunk = missing.AsSpan(done, Math.Min(size, missing.Length - done)).ToArray();
            var vectors = _teacher.EmbedAsync([.. chunk.Select(i => texts[i])], cancellationToken).GetAwaiter().GetResult();
            Append(chunk, keys, vectors);
            done += chunk.Length;
            if (clock.Elapsed - before < ShortChunk)
                size = Math.Min(2 * size, LargestChunk);
            var left = TimeSpan.FromSeconds(clock.Elapsed.TotalSeconds / done * (missing.Length - done));
            messages?.Report(
                $"teacher {_teacher.Config.DisplayName}: {texts.Count - missing.Length + done:N0} of {texts.Count:N0}, {left:h\\:mm\\:ss} left"
            );
        }

        return keys;
    }

    private float[] Read(UInt128[] keys)
    {
        var vectors = new float[keys.Length * Dimension];
        var half = new Half[Dimension];
        for (var i = 0; i < keys.Length; i++)
        {
            if (!_cache.Contains(keys[i]))
                continue;
            _cache.Read(keys[i], half);
            System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(half, vectors.AsSpan(i * Dimension, Dimension));
        }

        return vectors;
    }

    private void Append(int[] chunk, UInt128[] keys, IReadOnlyList<ReadOnlyMemory<float>?> vectors)
    {
        var kept = new List<UInt128>(chunk.Length);
        var values = new float[chunk.Length * Dimension];
        for (var i = 0; i < chunk.Length; i++)
        {
            if (vectors[i] is not { } vector)
                continue;
            if (vector.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new TrainingException(
                    $"Teacher '{_teacher.Config.DisplayName}' gave a vector that is not finite. Its weights are damaged, or overflow in its data type."
                );
            }
            vector.Span.CopyTo(values.AsSpan(kept.Count * Dimension, Dimension));
            kept.Add(keys[chunk[i]]);
        }

        if (kept.Count > 0)
            _cache.Append(kept, values.AsSpan(0, kept.Count * Dimension));
    }
}
