using System.Text.Json;
using Xunit;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Tests;

/// <summary>
/// Gemma 1 to 3 and RoPE scaling against hidden states that fixtures/make_decoders.py computed in double precision with plain loops, from
/// the published architectures: soft caps, query_pre_attn_scalar, sliding windows, query and key norms, two rotary bases, 1 + weight norms.
/// </summary>
public class DecoderReferenceTests
{
    /// <summary>The reference is rounded to seven decimals; hidden states have magnitudes up to about 10.</summary>
    private const double Tolerance = 1e-5;

    public static readonly TheoryData<string> Models = ["gemma", "gemma2", "gemma3", "gemma3-bidirectional", "llama-linear", "llama-3.1"];

    [Theory]
    [MemberData(nameof(Models))]
    public void BothImplementationsEqualPlainLoops(string name)
    {
        using var expected = Fixtures.Expected(name);
        var inputs = Fixtures.Inputs(expected);
        var folder = Fixtures.Folder(name);
        var config = DecoderConfigReader.Read(folder);
        using var model = CheckpointLoader.Load(folder);
        var modes = 0;
        foreach (var causal in new[] { true, false })
        {
            if (!expected.RootElement.TryGetProperty(causal ? "causal" : "bidirectional", out var mode))
                continue;
            modes++;
            using CpuEncoder own = new(CpuModel.Load(ModelFolder.Read(folder), config, int8: false), causal, PoolingMode.Mean, int8: false);
            for (var i = 0; i < inputs.Length; i++)
            {
                float[][] wanted = [.. mode.GetProperty("tokens")[i].EnumerateArray().Select(Fixtures.Floats)];
                Assert.InRange(Fixtures.LargestDifference([.. wanted.SelectMany(t => t)], Run(model, inputs[i], causal)), 0, Tolerance);

                // The own kernels give pooled vectors only: one token at a time is its hidden state.
                for (var t = 0; t < wanted.Length; t++)
                {
                    Assert.InRange(
                        Fixtures.LargestDifference(wanted[t], own.Encode([new EncoderInput(inputs[i], t, t + 1)])[0]),
                        0,
                        Tolerance
                    );
                }
            }
        }
        Assert.True(modes > 0);
    }

    [Theory]
    [InlineData("gemma")]
    [InlineData("gemma2")]
    [InlineData("llama-linear")]
    public void LogitsEqualPlainLoops(string name)
    {
        using var expected = Fixtures.Expected(name);
        using var model = CheckpointLoader.Load(Fixtures.Folder(name));
        using var guard = no_grad();
        using var scope = TorchSharp.torch.NewDisposeScope();
        var ids = tensor(Array.ConvertAll(Fixtures.Inputs(expected)[1], id => (long)id)).unsqueeze(0);
        var actual = model.Logits(model.Forward(ids, mask: null, causal: true)).data<float>().ToArray();
        float[] wanted = [.. expected.RootElement.GetProperty("logits").EnumerateArray().SelectMany(t => Fixtures.Floats(t))];
        Assert.InRange(Fixtures.LargestDifference(wanted, actual), 0, 5e-5);
    }

    private static float[] Run(DecoderModel model, int[] ids, bool causal)
    {
        using var guard = no_grad();
        using var scope = TorchSharp.torch.NewDisposeScope();
        var batch = tensor(Array.ConvertAll(ids, id => (long)id)).unsqueeze(0);
        return model.Forward(batch, mask: null, causal).data<float>().ToArray();
    }
}
