using System.Numerics.Tensors;
using System.Text.Json;
using SearchEngine.Embeddings.Tests.Tokenization;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Model;

/// <summary>
/// Two published sentence embedders against vectors of an independent runtime. Their weights are not part of this repository, so this check
/// is explicit: set SEARCHENGINE_SHARED_DATA to a folder with models/NAME (the model and expected.json), and run with `-explicit only`.
/// </summary>
public class RealEncoderTests
{
    [Theory(Explicit = true)]
    [InlineData("all-MiniLM-L6-v2", "float32")]
    [InlineData("all-MiniLM-L6-v2", "int8")]
    [InlineData("all-MiniLM-L6-v2", "torch")]
    [InlineData("snowflake-arctic-embed-xs", "float32")]
    [InlineData("snowflake-arctic-embed-xs", "int8")]
    [InlineData("snowflake-arctic-embed-xs", "torch")]
    public async Task IdsAndVectorsAreThoseOfTheIndependentRuntime(string model, string runtime)
    {
        var folder = Path.Combine(
            Environment.GetEnvironmentVariable("SEARCHENGINE_SHARED_DATA")
                ?? throw new InvalidOperationException("Set SEARCHENGINE_SHARED_DATA to a folder with models/NAME/expected.json."),
            "models",
            model
        );
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        JsonElement[] cases = [.. expected.RootElement.GetProperty("cases").EnumerateArray()];
        string[] texts = [.. cases.Select(c => c.GetProperty("text").GetString()!)];
        int[][] ids = [.. cases.Select(c => c.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray())];
        CheckIds(folder, texts, ids);

        float[][] vectors;
        if (runtime == "torch")
        {
            using var runner = Runtime.Load(
                folder,
                runtime,
                expected.RootElement.GetProperty("pooling").GetString() == "cls" ? PoolingMode.First : PoolingMode.Mean
            );
            vectors = await runner.EmbedAsync(ids);
            foreach (var vector in vectors)
                TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        }
        else
        {
            using var generator = Llm2VecEmbeddingGenerator.Load(
                new Llm2VecOptions
                {
                    ModelPath = folder,
                    Device = "cpu",
                    DataType = runtime,
                }
            );
            vectors = await generator.EmbedTokensAsync(ids);
            var ofTexts = await generator.EmbedAsync(texts);
            for (var i = 0; i < texts.Length; i++)
                Assert.Equal(ofTexts[i], (await generator.EmbedAsync([texts[i]]))[0]);
        }
        double largest = 0,
            cosine = 1;
        for (var i = 0; i < texts.Length; i++)
        {
            var wanted = Fixtures.Floats(cases[i].GetProperty("vector"));
            largest = Math.Max(largest, Fixtures.LargestDifference(wanted, vectors[i]));
            cosine = Math.Min(cosine, TensorPrimitives.CosineSimilarity(wanted, vectors[i]));
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{model} {runtime}: {texts.Length} texts, largest difference {largest:g3}, smallest cosine {cosine:0.00000}"
        );
        if (runtime == "int8")
            Assert.InRange(cosine, 0.995, 1.0001);
        else
            Assert.InRange(largest, 0, 1e-5);
    }

    /// <summary>
    /// Our ids are those of Hugging Face's library, for every text. expected.json has its ids from Microsoft.ML.Tokenizers, whose
    /// BertTokenizer keeps
    /// accents by default, leaves out +, &lt;, &gt; and emoji, and joins words over a line break; so they are compared where both libraries
    /// agree.
    /// </summary>
    private static void CheckIds(string folder, string[] texts, int[][] expected)
    {
        var tokenizer = TextTokenizer.Load(folder);
        using TokenizerOracle oracle = new(TokenizerOracle.BertJson(File.ReadAllLines(Path.Combine(folder, "vocab.txt"))).ToJsonString());
        var same = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            var reference = oracle.Encode(texts[i]);
            Assert.Equal(reference, tokenizer.Encode(texts[i], int.MaxValue).Ids);
            same += reference.SequenceEqual(expected[i]) ? 1 : 0;
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"ids: {texts.Length} of {texts.Length} as Hugging Face's, which agrees with expected.json on {same}"
        );
        Assert.InRange(same, 9, texts.Length);
        foreach (var text in BertTokenizerTests.Texts(10_000))
            Assert.Equal(oracle.Encode(text), tokenizer.Encode(text, int.MaxValue).Ids);
    }
}
