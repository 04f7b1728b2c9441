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

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("int8")]
    [InlineData("float32")]
    public async Task NoTensorOutlivesItsCall(string dataType)
    {
        using ScratchFolder scratch = TextModel.Create();
        using Llm2VecEmbeddingGenerator generator = GeneratorTests.Load(scratch, o => o with { DataType = dataType });
        string[] texts = ["one", "two words", "three words here"];
        for (int i = 0; i < 5; i++)
            await generator.EmbedAsync(texts);
        long before = torch.Tensor.TotalCount;
        for (int i = 0; i < Calls; i++)
            await generator.EmbedAsync(texts);

        // Finalizers of earlier tests may still lower the count; a leak of one tensor per call would raise it by a thousand.
        Assert.InRange(torch.Tensor.TotalCount - before, long.MinValue, 10);
    }
}
