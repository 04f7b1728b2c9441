using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Evaluation;

/// <summary>
/// Multinomial logistic regression on frozen vectors: standardised inputs, L2 penalty, AdamW by mini-batches in a seeded order.
/// Deterministic on one machine.
/// </summary>
internal static class LinearProbe
{
    private const double Rate = 0.02;
    private const int BatchSize = 512;

    /// <summary>Trains on the first set and returns the share of the second set that is labelled right.</summary>
    /// <param name="train">Row-major, examples × width.</param>
    /// <param name="trainLabels">0 ≤ label &lt; classes.</param>
    /// <param name="test">Row-major, examples × width.</param>
    /// <param name="testLabels">-1 for a label that training never saw: always wrong.</param>
    /// <param name="width">Elements of a vector.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="epochs">Passes over the training set.</param>
    /// <param name="penalty">Decoupled weight decay.</param>
    /// <param name="seed">Seed of the order.</param>
    public static double Accuracy(
        float[] train,
        int[] trainLabels,
        float[] test,
        int[] testLabels,
        int width,
        int classes,
        int epochs = 30,
        double penalty = 0.01,
        long seed = 1
    )
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var (x, mean, deviation) = Standardise(tensor(train, [trainLabels.Length, width]));
        var y = tensor(trainLabels.Select(l => (long)l).ToArray());
        using var weight = nn.Parameter(zeros(classes, width));
        using var bias = nn.Parameter(zeros(classes));
        using var optimizer = new AdamW([new ParameterGroup([("weight", weight)], 1, penalty), new ParameterGroup([("bias", bias)], 1, 0)]);
        var batches = (trainLabels.Length + BatchSize - 1) / BatchSize;
        var schedule = new LearningRateSchedule((long)batches * epochs, 0, LearningRateDecay.Cosine);
        var order = Enumerable.Range(0, trainLabels.Length).ToArray();
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var random = DeterministicRandom.For(seed, 0, epoch);
            random.Shuffle(order);
            for (var b = 0; b < batches; b++)
            {
                using var step = NewDisposeScope();
                var chosen = tensor(order.Skip(b * BatchSize).Take(BatchSize).Select(i => (long)i).ToArray());
                optimizer.ClearGradients();
                var logits = nn.functional.linear(x.index_select(0, chosen), weight, bias);
                nn.functional.cross_entropy(logits, y.index_select(0, chosen)).backward();
                optimizer.Step(Rate * schedule.Factor(optimizer.StepCount));
            }
        }

        using var guard = no_grad();
        var scores = nn.functional.linear((tensor(test, [testLabels.Length, width]) - mean) / deviation, weight, bias);
        var predicted = scores.argmax(1).data<long>().ToArray();
        return predicted.Zip(testLabels).Count(p => p.First == p.Second) / (double)testLabels.Length;
    }

    private static (Tensor Values, Tensor Mean, Tensor Deviation) Standardise(Tensor values)
    {
        var mean = values.mean([0], keepdim: true);
        var deviation = (values - mean).square().mean([0], keepdim: true).sqrt().clamp_min(1e-6);
        return ((values - mean) / deviation, mean, deviation);
    }
}
