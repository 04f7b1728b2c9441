using TorchSharp;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>Counts tensors of the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(TensorLeakTests), DisableParallelization = true)]
public sealed class TensorLeakCollection;

[Collection(nameof(TensorLeakTests))]
public class TensorLeakTests
{
    private const int Calls = 1000;

    /// <summary>libtorch with packed texts (bfloat16, and float32 with an adapter kept apart), and the own kernels.</summary>
    [Theory]
    [InlineData("bfloat16", false)]
    [InlineData("float32", true)]
    [InlineData("int8", false)]
    [InlineData("float32", false)]
    public async Task NoTensorOutlivesItsCall(string dataType, bool adapterApart)
    {
        using var scratch = TextModel.Create();
        using ScratchFolder adapter = new();
        TextModel.WriteAdapter(scratch.Path, adapter.Path, ".", seed: 9);
        using var generator = GeneratorTests.Load(
            scratch,
            o => o with { DataType = dataType, Adapters = adapterApart ? [adapter.Path] : [], MergeAdapters = !adapterApart }
        );
        Assert.Equal(adapterApart || dataType == "bfloat16", generator.Compute.Contains("libtorch", StringComparison.Ordinal));
        string[] texts = ["one", "two words", "three words here"];
        for (var i = 0; i < 5; i++)
            await generator.EmbedAsync(texts);
        var before = torch.Tensor.TotalCount;
        for (var i = 0; i < Calls; i++)
            await generator.EmbedAsync(texts);

        // Finalizers of earlier tests may still lower the count; a leak of one tensor per call would raise it by a thousand.
        Assert.InRange(torch.Tensor.TotalCount - before, long.MinValue, 10);
    }
}
