using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>A batch: the student's token ids and each teacher's centred vectors.</summary>
internal sealed record DistillationBatch(IReadOnlyList<int[]> Texts, IReadOnlyList<Tensor> Teachers);

/// <summary>
/// Draws batches of texts with their teachers' vectors, in one order per pass: shuffled, or alike texts together. A function of (seed,
/// batch). Not thread-safe.
/// </summary>
internal sealed class DistillationSampler(
    IReadOnlyList<int[]> texts,
    IReadOnlyList<TeacherVectors> teachers,
    TeacherSpace space,
    int batchSize,
    int groupSize,
    long seed,
    Device device
)
{
    private const int Stream = 12;

    private readonly AlikeTexts? _alike =
        groupSize > 1 ? new AlikeTexts(texts.Count, teachers[0].Dimension, rows => teachers[0].Read(rows), seed) : null;

    private long _pass = -1;
    private int[] _order = [];

    public DistillationBatch Batch(long batch)
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

        return new DistillationBatch(
            [.. rows.Select(r => texts[r])],
            [.. Enumerable.Range(0, teachers.Count).Select(k => Vectors(k, rows))]
        );
    }

    private int[] Shuffled(long pass)
    {
        int[] order = [.. Enumerable.Range(0, texts.Count)];
        var random = DeterministicRandom.For(seed, Stream, pass);
        random.Shuffle(order);
        return order;
    }

    private Tensor Vectors(int teacher, int[] rows)
    {
        var vectors = tensor(teachers[teacher].Read(rows), [rows.Length, teachers[teacher].Dimension]);
        return space.Centre(teacher, vectors).to(device);
    }
}
