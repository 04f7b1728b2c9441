using Microsoft.Extensions.AI;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

public sealed class HybridRecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hybrid-record-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_record_comes_back_as_it_was_written()
    {
        Assert.Null(HybridRecord.Read(_folder));
        var record = new HybridRecord(0.65)
        {
            FarthestAnswer = 0.55,
            Measured = [new HybridMeasurement("scifact train", 0.698, 0.484, 0.702)],
        };
        record.Write(_folder);
        var read = HybridRecord.Read(_folder)!;
        Assert.Equal(record.VectorWeight, read.VectorWeight);
        Assert.Equal(record.FarthestAnswer, read.FarthestAnswer);
        Assert.Equal(record.Measured, read.Measured);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "vector_weight": 1.2 }""")]
    [InlineData("""{ "vector_weight": -0.1 }""")]
    [InlineData("""{ "vector_weight": "much" }""")]
    public void A_weight_that_is_none_is_refused(string json)
    {
        File.WriteAllText(Path.Combine(_folder, HybridRecord.FileName), json);
        var error = Assert.Throws<ModelFormatException>(() => HybridRecord.Read(_folder));
        Assert.Contains("'vector_weight' is not a number from 0 to 1", error.Message);
        Assert.Contains(HybridRecord.FileName, error.Message);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2.5")]
    [InlineData("\"far\"")]
    public void A_distance_that_is_none_is_refused(string distance)
    {
        File.WriteAllText(Path.Combine(_folder, HybridRecord.FileName), $$"""{ "vector_weight": 0.5, "farthest_answer": {{distance}} }""");
        Assert.Contains(
            "'farthest_answer' is not a cosine distance",
            Assert.Throws<ModelFormatException>(() => HybridRecord.Read(_folder)).Message
        );
    }

    [Theory]
    [InlineData("""{ "vector_weight": 0.5, "measured": 1 }""")]
    [InlineData("""{ "vector_weight": 0.5, "measured": [ 1 ] }""")]
    [InlineData("""{ "vector_weight": 0.5, "measured": [ { "set": "a" } ] }""")]
    public void Measurements_that_are_none_are_refused(string json)
    {
        File.WriteAllText(Path.Combine(_folder, HybridRecord.FileName), json);
        Assert.Contains("'measured' is not an array", Assert.Throws<ModelFormatException>(() => HybridRecord.Read(_folder)).Message);
    }

    [Fact]
    public void A_generator_gives_its_folders_weight_through_what_wraps_it()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(TestSupport.Repository.Root, "models", "default")))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        File.Delete(Path.Combine(_folder, HybridRecord.FileName));
        using (var without = Llm2VecEmbeddingGenerator.Load(_folder))
            Assert.Null(without.GetService(typeof(double), HybridRecord.VectorWeightKey));
        new HybridRecord(0.35).Write(_folder);
        using var generator = Llm2VecEmbeddingGenerator.Load(_folder);
        using var wrapped = new Wrapped(generator.AsQueryGenerator());
        Assert.Equal(0.35, wrapped.GetService(typeof(double), HybridRecord.VectorWeightKey));
        Assert.Null(wrapped.GetService(typeof(double), HybridRecord.FarthestAnswerKey));
        Assert.Null(wrapped.GetService(typeof(double), "another key"));
        Assert.Null(wrapped.GetService(typeof(string), HybridRecord.VectorWeightKey));
        new HybridRecord(0.35) { FarthestAnswer = 0.7 }.Write(_folder);
        using var farther = Llm2VecEmbeddingGenerator.Load(_folder);
        Assert.Equal(0.7, farther.AsQueryGenerator().GetService(typeof(double), HybridRecord.FarthestAnswerKey));
    }

    private sealed class Wrapped(IEmbeddingGenerator<string, Embedding<float>> inner)
        : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner);
}
