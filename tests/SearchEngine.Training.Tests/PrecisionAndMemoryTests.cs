using System.Diagnostics;
using System.Runtime.InteropServices;
using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Tests;

/// <summary>Checkpointed layers and bfloat16 products: the same training for less memory, or nearly the same for less time.</summary>
[Collection(Serial.Name)]
public sealed class PrecisionAndMemoryTests : IDisposable
{
    private const int Vocabulary = 50;

    private readonly TestData _data = new();

    public PrecisionAndMemoryTests() => TorchRuntime.EnsureLoaded();

    public void Dispose() => _data.Dispose();

    private static readonly DecoderConfig Small = new()
    {
        VocabularySize = Vocabulary,
        HiddenSize = 32,
        IntermediateSize = 48,
        Layers = 3,
        Heads = 4,
        KeyValueHeads = 2,
        TieWordEmbeddings = true,
        InitializerRange = 0.2,
    };

    private static DecoderModel Model(
        bool checkpointing = false,
        ScalarType? computeType = null,
        bool adapter = false,
        DecoderConfig? shape = null
    )
    {
        torch.manual_seed(11);
        var model = new DecoderModel(shape ?? Small);
        model.InitializeWeights();
        if (adapter)
        {
            model.AttachAdapter(new LoraAdapterOptions("test", 4, 8, 0, []));
            using var guard = no_grad();
            foreach (var parameter in model.AdapterParameters("test"))
                parameter.normal_(0, 0.1);
            model.FreezeExceptAdapter("test");
        }

        model.train();
        model.GradientCheckpointing = checkpointing;
        model.ComputeType = computeType;
        return model;
    }

    private static int[] Tokens()
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, 4096).Select(i => (i % 7) + random.Next(3, 40))];
    }

    /// <summary>Loss and all gradients in a row of one batch of masked prediction.</summary>
    private static (double Loss, float[] Gradient) Mntp(DecoderModel model)
    {
        using var scope = NewDisposeScope();
        var masker = new TokenMasker(3, new HashSet<int> { 0, 1, 2 }, Vocabulary, 0.3, 0.8, 0.1);
        torch.manual_seed(5);
        var result = new MntpObjective(model, new BlockSampler(Tokens(), 8, 24, 1), masker, 1).Accumulate(3, 1, 1);
        return (result.Loss, GradientOf(model));
    }

    private static float[] GradientOf(DecoderModel model)
    {
        IEnumerable<Tensor> parameters = model.Adapters.Count > 0 ? model.AdapterParameters("test") : model.parameters();
        return [.. parameters.Select(p => p.grad!).SelectMany(g => g.data<float>().ToArray())];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Checkpointed_layers_give_the_same_gradients(bool adapter)
    {
        using var plain = Model(adapter: adapter);
        using var checkpointed = Model(checkpointing: true, adapter: adapter);
        var (loss, gradient) = Mntp(plain);
        var (sameLoss, sameGradient) = Mntp(checkpointed);
        Assert.Equal(loss, sameLoss, 1e-5);
        Gradients.AssertClose(gradient, sameGradient, 1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Checkpointed_layers_and_cached_gradients_go_together(int microBatch)
    {
        float[] Run(bool checkpointing, int part)
        {
            using var scope = NewDisposeScope();
            using var model = Model(checkpointing);
            var loss = new ContrastiveLoss(20, []);
            GradientCache.Accumulate(
                TestData.Texts(12, Vocabulary),
                part,
                1,
                new MeanPoolingEncoder(model).Embed,
                model.Backward,
                all => loss.Compute(all.narrow(0, 0, 6), all.narrow(0, 6, 6)),
                1
            );
            return GradientOf(model);
        }

        Gradients.AssertClose(Run(false, 0), Run(true, microBatch), 2e-4);
    }

    /// <summary>The gradient along a direction equals the difference quotient only if the second pass drops what the first did.</summary>
    [Fact]
    public void A_checkpointed_layer_repeats_its_dropout()
    {
        using var scope = NewDisposeScope();
        using var model = Model(checkpointing: true);
        model.AttentionDropout = 0.4;
        var ids = tensor(Tokens().Take(96).Select(t => (long)t).ToArray()).view(4, 24);
        torch.manual_seed(21);
        var weights = randn(4, 24, 32);
        var weight = model.DecoderLayers[0].Projections().First(p => p.Projection.Parts[0].Name == "o_proj").Projection.Weight;
        var direction = randn_like(weight);

        Tensor Loss()
        {
            torch.manual_seed(9);
            return model.Forward(ids, mask: null, causal: false).mul(weights).sum();
        }

        double At(double step)
        {
            using var guard = no_grad();
            using Scalar along = step;
            weight.add_(direction, alpha: along);
            // Through the checkpointed path all the same: it draws the dropout's seeds.
            double value;
            using (enable_grad())
            {
                var loss = Loss();
                value = loss.ToDouble();
                model.Backward(loss);
            }

            using Scalar back = -step;
            weight.add_(direction, alpha: back);
            return value;
        }

        model.Backward(Loss());
        var slope = weight.grad!.mul(direction).sum().ToDouble();
        const double Step = 2e-3;
        var quotient = (At(Step) - At(-Step)) / (2 * Step);
        Assert.True(Math.Abs(slope - quotient) <= 0.02 * Math.Abs(quotient), $"gradient {slope}, difference quotient {quotient}");
    }

    /// <summary>Cached gradients embed a text without gradients first and with them later, and need the same vector both times.</summary>
    [Fact]
    public void A_pass_without_gradients_drops_what_the_checkpointed_one_does()
    {
        using var scope = NewDisposeScope();
        using var model = Model(checkpointing: true);
        model.AttentionDropout = 0.4;
        var ids = tensor(Tokens().Take(96).Select(t => (long)t).ToArray()).view(4, 24);

        float[] States(bool gradients)
        {
            torch.manual_seed(9);
            using var guard = set_grad_enabled(gradients);
            var states = model.Forward(ids, mask: null, causal: false);
            if (gradients)
                model.Backward(states.sum());
            return states.detach().data<float>().ToArray();
        }

        var without = States(false);
        Assert.Equal(without, States(true));
        Assert.Equal(without, States(false));
        model.AttentionDropout = 0;
        Assert.NotEqual(without, States(false));
    }

    /// <summary>What the process holds between the two halves of a step: eight layers' inner results, or what goes into each.</summary>
    [Fact]
    public void Checkpointed_layers_hold_less_memory_until_the_gradient()
    {
        var shape = Small with { HiddenSize = 64, IntermediateSize = 256, Layers = 8 };
        using var scope = NewDisposeScope();
        var ids = randint(3, Vocabulary, [16, 256]);

        long Held(bool checkpointing)
        {
            using var inner = NewDisposeScope();
            using var model = Model(checkpointing, shape: shape);
            var before = LiveBytes();
            var loss = model.Forward(ids, mask: null, causal: false).square().mean();
            var held = LiveBytes() - before;
            model.Backward(loss);
            return held;
        }

        var (checkpointed, plain) = (Held(true), Held(false));
        Assert.True(plain > 32 << 20, $"plain layers held {plain >> 20} MiB only");
        Assert.True(plain > 4 * checkpointed, $"checkpointed layers held {checkpointed >> 20} MiB, plain ones {plain >> 20} MiB");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bfloat16_products_give_nearly_the_same_gradients(bool adapter)
    {
        using var full = Model(adapter: adapter);
        using var half = Model(checkpointing: true, ScalarType.BFloat16, adapter);
        var (loss, gradient) = Mntp(full);
        var (nearLoss, nearGradient) = Mntp(half);
        Assert.NotEqual(loss, nearLoss);
        Assert.InRange(nearLoss / loss, 0.98, 1.02);
        double Dot(float[] a, float[] b) => a.Zip(b).Sum(p => (double)p.First * p.Second);
        var cosine = Dot(gradient, nearGradient) / Math.Sqrt(Dot(gradient, gradient) * Dot(nearGradient, nearGradient));
        Assert.True(cosine > 0.99, $"cosine of the gradients {cosine}");
    }

    [Fact]
    public void A_run_with_both_options_learns_resumes_and_writes_a_model()
    {
        MntpConfig Config(string output, long steps) => _data.Mntp(output, steps) with { Bf16 = true, GradientCheckpointing = true };
        TrainingRuns.Mntp(Config("whole", 30));
        var log = TrainingLog.Read(_data.PathTo("whole/" + TrainingLog.FileName)).Select(l => l.Loss).ToList();
        Assert.True(log.TakeLast(5).Average() < 0.95 * log.Take(5).Average(), $"loss went from {log[0]:F3} to {log[^1]:F3}");
        using var model = CheckpointLoader.Load(_data.PathTo("whole"));
        Assert.Equal(ScalarType.Float16, model.DataType);

        TrainingRuns.Mntp(Config("parts", 30) with { CheckpointEvery = 20 });
        Directory.Delete(_data.PathTo("parts/checkpoints/step-00000030"), recursive: true);
        TrainingRuns.Mntp(Config("parts", 30), resume: true);
        Assert.Equal(log, TrainingLog.Read(_data.PathTo("parts/" + TrainingLog.FileName)).Select(l => l.Loss));
    }

    [Fact]
    public void The_embedding_stage_refuses_them_by_name()
    {
        var config = new ContrastiveConfig
        {
            NewModel = _data.TinyModel(wordVectors: true),
            Output = "out",
            Data = [_data.Articles()],
            Stage = ContrastiveStage.Embeddings,
            Lora = null,
        };
        config.Validate();
        Assert.Contains(
            "'bf16'",
            Assert.Throws<TrainingException>((config with { Bf16 = true }).Validate).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'gradientCheckpointing'",
            Assert.Throws<TrainingException>((config with { GradientCheckpointing = true }).Validate).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>
    /// What torch has allocated and not given back: with glibc its own count, elsewhere the process's memory, which holes in the heap make
    /// coarser.
    /// </summary>
    private static long LiveBytes()
    {
        if (OperatingSystem.IsLinux())
        {
            var found = MallocInfo();
            return (long)(found.InUse + found.InMappings);
        }

        using var process = Process.GetCurrentProcess();
        return process.PrivateMemorySize64;
    }

    [DllImport("libc.so.6", EntryPoint = "mallinfo2")]
    private static extern MallocCounts MallocInfo();

    /// <summary>struct mallinfo2 of malloc.h: ten machine words.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallocCounts
    {
        private readonly nuint _arena,
            _freeChunks,
            _fastChunks,
            _mappings;
        public readonly nuint InMappings;
        private readonly nuint _unused,
            _inFastChunks;
        public readonly nuint InUse;
        private readonly nuint _free,
            _releasable;
    }
}
