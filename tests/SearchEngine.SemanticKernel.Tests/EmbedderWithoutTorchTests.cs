using System.Diagnostics;
using SearchEngine.Embeddings;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>What the embedder does in a program that does not reference SearchEngine.Embeddings.Torch: this one.</summary>
public class EmbedderWithoutTorchTests
{
    [Theory]
    [InlineData("auto", "float32")]
    [InlineData("cpu", "float32")]
    [InlineData("auto", "int8")]
    public async Task A_CPU_is_enough_and_no_native_library_is_loaded_for_it(string device, string dataType)
    {
        using var generator = Llm2VecEmbeddingGenerator.Load(Options(device, dataType));
        var vectors = await generator.EmbedAsync(["a text", "another"]);
        Assert.All(vectors, vector => Assert.All(vector, value => Assert.True(float.IsFinite(value))));
        using var process = Process.GetCurrentProcess();
        Assert.DoesNotContain(
            process.Modules.Cast<ProcessModule>().Select(module => module.ModuleName),
            name => name.Contains("torch", StringComparison.OrdinalIgnoreCase)
        );
        Assert.DoesNotContain(
            Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories).Select(Path.GetFileName),
            name => name!.Contains("torch", StringComparison.OrdinalIgnoreCase)
        );
    }

    [Theory]
    [InlineData("cuda", "auto")]
    [InlineData("cuda:1", "float32")]
    [InlineData("cpu", "bfloat16")]
    [InlineData("auto", "float16")]
    public void What_needs_Torch_says_what_to_add(string device, string dataType)
    {
        var error = Assert.ThrowsAny<Exception>(() => Llm2VecEmbeddingGenerator.Load(Options(device, dataType)));
        Assert.True(error is ArgumentException or DllNotFoundException, error.ToString());
        Assert.Contains("SearchEngine.Embeddings.Torch", error.Message, StringComparison.Ordinal);
        Assert.Contains("TorchSharp-c", error.Message, StringComparison.Ordinal);
    }

    private static Llm2VecOptions Options(string device, string dataType) =>
        new()
        {
            ModelPath = Path.Combine(Repository.Root, "models", "default"),
            Device = device,
            DataType = dataType,
        };
}
