using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>A batch: the student's token ids and each teacher's centred vectors.</summary>
internal sealed record DistillationBatch(IReadOnlyList<int[]> Texts, IReadOnlyList<Tensor> Teachers);

/// <summary>
/// Draws batches of texts with their teachers' vectors, in one order per pass: shuffled, or alike texts together. A function of (seed,
/// batch). The next batch is read while this one is trained on. Not thread-safe.
/// </summary>
internal sealed class DistillationSampler(
    IReadOnlyList<int[]> texts,
    IReadOnlyList<TeacherVectors> teachers,
    TeacherSpace space,
    int batchSize,
    int groupSize,
    long seed,
    Device device
) : IDisposable
{
    private const int Stream = 12;

    private readonly AlikeTexts? _alike =
        groupSize > 1 ? new AlikeTexts(texts.Count, teachers[0].Dimension, rows => teachers[0].Read(rows), seed) : null;

    private long _pass = -1;
    private int[] _order = [];
    private (long Batch, Task<Rows> Read)? _next;

    public DistillationBatch Batch(long batch)
    {
        var rows = Take(batch);
        _next = (batch + 1, Task.Run(() => Read(batch + 1)));
        return new DistillationBatch(
            [.. rows.Indices.Select(r => texts[r])],
            [.. Enumerable.Range(0, teachers.Count).Select(k => Centred(k, rows))]
        );
    }

    /// <summary>Waits for the batch that is being read, after which nothing uses the teachers' vectors.</summary>
    public void Dispose()
    {
        if (_next is { } next)
            ((IAsyncResult)next.Read).AsyncWaitHandle.WaitOne();
        _next = null;
    }

    private Rows Take(long batch)
    {
        if (_next is not { } next)
            return Read(batch);
        // Also where it is another batch: two at once would share the order.
        var read = next.Read.GetAwaiter().GetResult();
        _next = null;
        return next.Batch == batch ? read : Read(batch);
    }

    private Rows Read(long batch)
    {
        var rows = new int[Math.Min(batchSize, texts.Count)];
        for (var i = 0; i < rows.Length; i++)
        {
            var position = batch * rows.Length + i;
            var pass = position / texts.Count;
            if (pass != _pass)
            {
                _pass = pass;
                _order = _alike?.Order(pass, groupSize) ?? Shuffled(pass);
            }

            rows[i] = _order[position % texts.Count];
        }

        return new Rows(rows, [.. teachers.Select(teacher => teacher.Read(rows))]);
    }

    private int[] Shuffled(long pass)
    {
        int[] order = [.. Enumerable.Range(0, texts.Count)];
        var random = DeterministicRandom.For(seed, Stream, pass);
        random.Shuffle(order);
        return order;
    }

    private Tensor Centred(int teacher, Rows rows)
    {
        var vectors = tensor(rows.Vectors[teacher], [rows.Indices.Length, teachers[teacher].Dimension]);
        return space.Centre(teacher, vectors).to(device);
    }

    /// <summary>Texts by number, and each teacher's vectors of them: (rows, dimension) row-major.</summary>
    private sealed record Rows(int[] Indices, float[][] Vectors);
}
