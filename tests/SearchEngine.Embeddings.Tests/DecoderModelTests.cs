using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Tests;

public class DecoderModelTests
{
    /// <summary>The reference is float64 rounded to seven decimals; what is left is the rounding of float32 arithmetic.</summary>
    private const double Tolerance = 1e-5;

    public static readonly TheoryData<string> Models = ["llama", "llama3-rope", "mistral", "qwen2", "qwen3"];

    [Theory]
    [MemberData(nameof(Models))]
    public void HiddenStatesEqualTheReference(string name)
    {
        using var expected = Fixtures.Expected(name);
        var inputs = Fixtures.Inputs(expected);
        using var model = CheckpointLoader.Load(Fixtures.Folder(name));
        foreach (var mode in new[] { "causal", "bidirectional" })
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                float[] wanted =
                [
                    .. expected.RootElement.GetProperty(mode).GetProperty("tokens")[i].EnumerateArray().SelectMany(t => Fixtures.Floats(t)),
                ];
                var actual = Run(model, inputs[i], mode == "causal");
                Assert.InRange(Fixtures.LargestDifference(wanted, actual), 0, Tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void LogitsEqualTheReference(string name)
    {
        using var expected = Fixtures.Expected(name);
        var sequence = expected.RootElement.GetProperty("mntp_logits_of_sequence").GetInt32();
        float[] wanted = [.. expected.RootElement.GetProperty("mntp_logits").EnumerateArray().SelectMany(t => Fixtures.Floats(t))];
        using var model = CheckpointLoader.Load(Fixtures.Folder(name));
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var ids = tensor(Array.ConvertAll(Fixtures.Inputs(expected)[sequence], id => (long)id)).unsqueeze(0);
        var actual = model.Logits(model.forward(ids)).data<float>().ToArray();
        Assert.InRange(Fixtures.LargestDifference(wanted, actual), 0, 5e-5); // logits of magnitude 10, rounded to six decimals
    }

    /// <summary>As on a GPU: one call for many lengths, their padding hidden by a mask.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void SequencesOfManyLengthsInOneAttentionCallEqualThoseOfOneLengthEach(string name)
    {
        using var expected = Fixtures.Expected(name);
        int[][] inputs = [.. Fixtures.Inputs(expected), .. Fixtures.Inputs(expected).Select(ids => ids[..((ids.Length + 1) / 2)])];
        using var model = CheckpointLoader.Load(Fixtures.Folder(name));
        var layout = SequenceLayout.Packed([.. inputs.Select(ids => ids.Length)]);
        foreach (var causal in new[] { false, true })
        {
            using var guard = no_grad();
            using var scope = NewDisposeScope();
            var ids = tensor(inputs.SelectMany(ids => ids).Select(id => (long)id).ToArray());
            model.PadsAttention = false;
            var apart = model.Forward(ids, layout, causal).data<float>().ToArray();
            model.PadsAttention = true;
            Assert.True(model.Blocks(layout).Count < layout.Groups.Count);
            var together = model.Forward(ids, layout, causal).data<float>().ToArray();
            Assert.InRange(Fixtures.LargestDifference(apart, together), 0, Tolerance);
        }
    }

    [Fact]
    public void PackedAndPaddedBatchesEqualEachSequenceAlone()
    {
        using var expected = Fixtures.Expected("qwen3");
        var inputs = Fixtures.Inputs(expected);
        using var model = CheckpointLoader.Load(Fixtures.Folder("qwen3"));
        foreach (var causal in new[] { false, true })
        {
            using var guard = no_grad();
            using var scope = NewDisposeScope();
            float[][] alone = [.. inputs.Select(ids => Run(model, ids, causal))];

            var packed = tensor(inputs.SelectMany(ids => ids).Select(id => (long)id).ToArray());
            var layout = SequenceLayout.Packed([.. inputs.Select(ids => ids.Length)]);
            var together = model.Forward(packed, layout, causal).data<float>().ToArray();
            Assert.InRange(Fixtures.LargestDifference([.. alone.SelectMany(a => a)], together), 0, Tolerance);

            var longest = inputs.Max(ids => ids.Length);
            var padded = zeros([inputs.Length, longest], ScalarType.Int64);
            var mask = zeros([inputs.Length, longest], ScalarType.Bool);
            for (var i = 0; i < inputs.Length; i++)
            {
                for (var t = 0; t < inputs[i].Length; t++)
                {
                    padded[i, t] = inputs[i][t];
                    mask[i, t] = true;
                }
            }
            var hidden = model.Forward(padded, mask, causal);
            for (var i = 0; i < inputs.Length; i++)
            {
                var row = hidden[i].narrow(0, 0, inputs[i].Length).contiguous().data<float>().ToArray();
                Assert.InRange(Fixtures.LargestDifference(alone[i], row), 0, Tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void SavedModelLoadsWithTheSameWeights(string name)
    {
        using ScratchFolder scratch = new();
        using var model = CheckpointLoader.Load(Fixtures.Folder(name));
        CheckpointWriter.Save(model, scratch.Path);
        using var again = CheckpointLoader.Load(scratch.Path);
        Assert.Equal(model.Config with { HeadDim = model.Config.HeadSize }, again.Config);
        foreach ((var parameterName, var parameter) in model.named_parameters())
            Assert.True(again.get_parameter(parameterName)!.equal(parameter).all().item<bool>(), parameterName);
    }

    [Fact]
    public void EveryParameterGetsAGradientAndTrainingLowersTheLoss()
    {
        manual_seed(1);
        DecoderConfig config = new()
        {
            VocabularySize = 40,
            HiddenSize = 32,
            IntermediateSize = 48,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            TieWordEmbeddings = false,
        };
        using DecoderModel model = new(config) { Causal = true, AttentionDropout = 0.1 };
        model.InitializeWeights();
        model.train();
        using var ids = randint(0, 40, [4, 16], ScalarType.Int64);
        using var optimizer = optim.AdamW(model.parameters(), lr: 1e-2);
        double first = double.NaN,
            last = double.NaN;
        for (var step = 0; step < 40; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var hidden = model.forward(ids).narrow(1, 0, 15).reshape(-1, 32);
            var loss = nn.functional.cross_entropy(model.Logits(hidden), ids.narrow(1, 1, 15).reshape(-1));
            loss.backward();
            if (step == 0)
            {
                first = loss.item<float>();
                foreach ((var name, var parameter) in model.named_parameters())
                    Assert.True(parameter.grad is { } gradient && gradient.abs().sum().item<float>() > 0, name);
            }
            last = loss.item<float>();
            optimizer.step();
        }
        Assert.True(last < first / 2, $"loss went from {first} to {last}");
    }

    private static float[] Run(DecoderModel model, int[] ids, bool causal)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var batch = tensor(Array.ConvertAll(ids, id => (long)id)).unsqueeze(0);
        return model.Forward(batch, mask: null, causal).data<float>().ToArray();
    }
}
