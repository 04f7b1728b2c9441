using System.Diagnostics;
using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>What a throughput measurement found.</summary>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Threads">Threads of torch on the CPU.</param>
/// <param name="Parameters">Parameters of the model.</param>
/// <param name="Steps">Optimizer steps measured.</param>
/// <param name="TokensPerSecond">Tokens trained on per second: forward, backward and update.</param>
/// <param name="TrainingGigaflops">Arithmetic of that in 10⁹ operations per second: 6 per weight used and token, and attention.</param>
/// <param name="MatmulGigaflops">Measured peak of a float32 product of square matrices, in the same unit.</param>
/// <param name="PeakShare">The one divided by the other.</param>
public sealed record ThroughputResult(
    string Device,
    int Threads,
    long Parameters,
    long Steps,
    double TokensPerSecond,
    double TrainingGigaflops,
    double MatmulGigaflops,
    double PeakShare
);

/// <summary>Measures the speed of MNTP training on generated tokens, and the matmul peak that bounds it.</summary>
public static class TrainingThroughput
{
    private const int WarmupSteps = 2;
    private const int MatmulSize = 2048;
    private const double MatmulSeconds = 2;
    private const double MaskProbability = 0.2;

    /// <summary>Measures a model of a shape with all weights trained.</summary>
    /// <param name="hiddenSize">Elements of a hidden state; heads are of 64.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="vocabularySize">Token embeddings, tied to the head.</param>
    /// <param name="batchSize">Sequences per step.</param>
    /// <param name="length">Tokens per sequence.</param>
    /// <param name="seconds">How long to measure after the warm-up.</param>
    /// <param name="device">auto, cpu or cuda.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <exception cref="TrainingException">The device is not there.</exception>
    public static ThroughputResult Measure(
        int hiddenSize,
        int layers,
        int vocabularySize,
        int batchSize,
        int length,
        double seconds,
        string device = "auto",
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 64);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        TorchRuntime.EnsureLoaded();
        var place = TrainingSession.ChooseDevice(device);
        torch.manual_seed(1);
        var heads = hiddenSize / 64;
        using var model = new DecoderModel(
            new DecoderConfig
            {
                VocabularySize = vocabularySize,
                HiddenSize = hiddenSize,
                IntermediateSize = hiddenSize * 8 / 3,
                Layers = layers,
                Heads = heads,
                KeyValueHeads = heads,
                TieWordEmbeddings = true,
                MaxPositions = Math.Max(2048, length),
            },
            place
        );
        model.InitializeWeights();
        model.train();
        var random = new DeterministicRandom(1);
        var tokens = new int[64 * batchSize * length];
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = random.Next(3, vocabularySize - 1);
        var masker = new TokenMasker(3, new HashSet<int> { 0, 1, 2 }, vocabularySize, MaskProbability, 0.8, 0.1);
        var objective = new MntpObjective(model, new BlockSampler(tokens, batchSize, length, 1), masker, 1);
        using var optimizer = new AdamW([new ParameterGroup([.. model.named_parameters().Select(p => (p.name, p.parameter))], 1, 0)]);

        var steps = 0L;
        var clock = new Stopwatch();
        for (var batch = 0; batch < WarmupSteps || clock.Elapsed.TotalSeconds < seconds; batch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (batch == WarmupSteps)
                clock.Start();
            using var scope = NewDisposeScope();
            optimizer.ClearGradients();
            objective.Accumulate(batch, 1, 1);
            optimizer.ClipGradients(1);
            optimizer.Step(1e-4);
            if (batch >= WarmupSteps)
                steps++;
        }

        var perSecond = steps * (double)batchSize * length / clock.Elapsed.TotalSeconds;
        var embedding = (long)vocabularySize * hiddenSize;
        var inLayers = model.Config.ParameterCount - embedding;
        var perToken = 6.0 * inLayers + 12.0 * layers * length * hiddenSize + 6.0 * embedding * MaskProbability;
        var training = perSecond * perToken / 1e9;
        var peak = MatmulPeak(place);
        return new ThroughputResult(
            place.type == DeviceType.CUDA ? "cuda" : "cpu",
            get_num_threads(),
            model.Config.ParameterCount,
            steps,
            perSecond,
            training,
            peak,
            training / peak
        );
    }

    private static double MatmulPeak(Device device)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var a = randn([MatmulSize, MatmulSize], device: device);
        var product = a.mm(a);
        var clock = Stopwatch.StartNew();
        var count = 0;
        while (clock.Elapsed.TotalSeconds < MatmulSeconds)
        {
            product.Dispose();
            product = a.mm(a);
            count++;
            if (device.type == DeviceType.CUDA)
                product[0, 0].ToDouble();
        }

        return count * 2.0 * MatmulSize * MatmulSize * MatmulSize / clock.Elapsed.TotalSeconds / 1e9;
    }
}
