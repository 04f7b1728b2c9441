using System.Numerics.Tensors;
using System.Text.Json;
using TorchSharp;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>The project's own CPU kernels against libtorch and the reference.</summary>
public class CpuEncoderTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("llama3-rope")]
    [InlineData("mistral")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public async Task EightBitStaysWithinCosineOfTheReference(string model)
    {
        using var expected = Fixtures.Expected(model);
        const string Mode = "bidirectional+mntp+simcse";
        using var generator = Llm2VecEmbeddingGenerator.Load(ReferenceParityTests.Options(model, Mode) with { DataType = "int8" });
        Assert.Contains("int8", generator.Compute, StringComparison.Ordinal);
        var vectors = await generator.EmbedTokensAsync(Fixtures.Inputs(expected));
        var means = expected.RootElement.GetProperty(Mode).GetProperty("mean");
        for (var i = 0; i < vectors.Length; i++)
            Assert.InRange(TensorPrimitives.CosineSimilarity(Fixtures.Floats(means[i]), vectors[i]), 0.995, 1.0001);
    }

    public static TheoryData<string, bool> Shapes()
    {
        TheoryData<string, bool> shapes = [];
        foreach (
            var type in new[] { "llama", "linear", "mistral-window", "qwen3", "gemma", "gemma2", "gemma3_text", "gemma3-two-sided", "wide" }
        )
        {
            shapes.Add(type, true);
            shapes.Add(type, false);
        }
        return shapes;
    }

    /// <summary>Two independent implementations of every architecture: this project's kernels, and libtorch's operators.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void OwnKernelsEqualLibtorch(string shape, bool causal)
    {
        const int Seed = 20;
        torch.manual_seed(Seed);
        var config = Shape(shape);
        using ScratchFolder scratch = new();
        using (DecoderModel random = new(config))
        {
            random.InitializeWeights();
            RandomizeNorms(random);
            CheckpointWriter.Save(random, scratch.Path);
        }
        Assert.Equal(
            config with
            {
                HeadDim = config.HeadSize,
                SlidingLayers = null,
            },
            DecoderConfigReader.Read(scratch.Path) with
            {
                SlidingLayers = null,
            }
        );
        var folder = ModelFolder.Read(scratch.Path);
        var read = DecoderConfigReader.Read(scratch.Path);
        var model = CheckpointLoader.Load(scratch.Path, withHead: false);
        model.Causal = causal;
        using TorchEncoder torchEncoder = new(new SharedModel(model), PoolingMode.WeightedMean);
        using CpuEncoder ownEncoder = new(CpuModel.Load(folder, read, int8: false), causal, PoolingMode.WeightedMean, int8: false);
        Random numbers = new(Seed);
        EncoderInput[] batch = [.. new[] { 40, 23, 23, 17, 9, 8, 3, 1 }.Select(n => Input(numbers, n, config.VocabularySize))];
        var wanted = torchEncoder.Encode(batch);
        var actual = ownEncoder.Encode(batch);
        for (var i = 0; i < batch.Length; i++)
        {
            Assert.InRange(Fixtures.LargestDifference(wanted[i], actual[i]), 0, 1e-5);
            Assert.Equal(actual[i], ownEncoder.Encode([batch[i]])[0]); // alone: the very same bits
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 5, 7)]
    [InlineData(8, 48, 16)]
    [InlineData(13, 100, 1)]
    [InlineData(15, 33, 1537)]
    [InlineData(31, 145, 64)]
    public unsafe void MatrixProductEqualsTheNaiveOne(int rows, int columns, int inner)
    {
        Random numbers = new(rows * 1000 + columns);
        int lda = inner + 3,
            ldc = PackedPanels.Stride(columns);
        float[] a = Numbers(rows * lda),
            transposed = Numbers(columns * inner),
            c = Numbers(rows * ldc),
            straight = new float[inner * columns];
        for (var k = 0; k < inner; k++)
        {
            for (var j = 0; j < columns; j++)
                straight[k * columns + j] = transposed[j * inner + k];
        }
        foreach (var kernel in FloatKernels.Available())
        {
            using AlignedBuffer packed = new(PackedPanels.Size(kernel, inner, columns));
            foreach ((var accumulate, var fromTransposed) in new[] { (false, false), (false, true), (true, false), (true, true) })
            {
                float[] result = [.. c];
                fixed (
                    float* pa = a,
                        pt = transposed,
                        ps = straight,
                        pc = result
                )
                {
                    if (fromTransposed)
                        PackedPanels.PackTransposed(kernel, pt, inner, inner, columns, packed.Start);
                    else
                        PackedPanels.Pack(kernel, ps, columns, inner, columns, packed.Start);
                    PackedPanels.Multiply(kernel, pa, lda, rows, packed.Start, inner, columns, pc, ldc, accumulate);
                }
                for (var i = 0; i < rows; i++)
                {
                    for (var j = 0; j < columns; j++)
                    {
                        double wanted = accumulate ? c[i * ldc + j] : 0;
                        for (var k = 0; k < inner; k++)
                            wanted += (double)a[i * lda + k] * transposed[j * inner + k];
                        Assert.Equal(wanted, result[i * ldc + j], 1e-5 * Math.Sqrt(inner));
                    }
                }
            }
        }

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(numbers.NextDouble() * 2 - 1))];
    }

    internal static EncoderInput Input(Random numbers, int length, int vocabulary) =>
        new([.. Enumerable.Range(0, length).Select(_ => numbers.Next(vocabulary))], 0, length);

    private static void RandomizeNorms(DecoderModel model)
    {
        using var guard = torch.no_grad();
        foreach ((var name, var parameter) in model.named_parameters())
        {
            if (name.Contains("norm", StringComparison.Ordinal))
                parameter.add_(torch.randn_like(parameter).mul(0.2));
            else
                parameter.mul_(5);
        }
    }

    private static DecoderConfig Shape(string name)
    {
        DecoderConfig small = new()
        {
            VocabularySize = 50,
            HiddenSize = 40,
            IntermediateSize = 56,
            Layers = 3,
            Heads = 4,
            KeyValueHeads = 2,
            HeadDim = 12,
            TieWordEmbeddings = true,
        };
        var gemma = small with
        {
            ModelType = "gemma",
            OffsetNorm = true,
            ScaleEmbeddings = true,
            Activation = DecoderActivation.GeluTanh,
            HeadDim = 20,
            KeyValueHeads = 1,
        };
        var gemma2 = gemma with
        {
            ModelType = "gemma2",
            PostNorms = true,
            QueryPreAttentionScalar = 10,
            AttentionSoftcap = 2,
            LogitSoftcap = 30,
            SlidingWindow = 6,
            SlidingLayers = [true, false, true],
            KeyValueHeads = 4,
        };
        var gemma3 = gemma2 with
        {
            ModelType = "gemma3_text",
            AttentionSoftcap = null,
            LogitSoftcap = null,
            QueryKeyNorm = true,
            LocalRopeTheta = 100,
            RopeTheta = 1_000_000,
            RopeScaling = new RopeScaling(RopeScalingKind.Linear, 8),
        };
        return name switch
        {
            "llama" => small,
            "linear" => small with
            {
                RopeScaling = new RopeScaling(RopeScalingKind.Linear, 4),
                Activation = DecoderActivation.Gelu,
                TieWordEmbeddings = false,
                MlpBias = true,
                AttentionBias = true,
                AttentionOutputBias = true,
            },
            "mistral-window" => small with { ModelType = "mistral", SlidingWindow = 7 },
            "qwen3" => small with { ModelType = "qwen3", QueryKeyNorm = true },
            "gemma" => gemma,
            "gemma2" => gemma2,
            "gemma3_text" => gemma3,
            "gemma3-two-sided" => gemma3 with { TwoSidedWindow = true, Bidirectional = true },
            "wide" => small with { HiddenSize = 128, IntermediateSize = 344, Heads = 8, KeyValueHeads = 8, HeadDim = 16 },
            _ => throw new ArgumentException(name),
        };
    }
}
