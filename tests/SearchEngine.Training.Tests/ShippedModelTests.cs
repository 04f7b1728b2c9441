using System.Numerics.Tensors;
using SearchEngine.Embeddings;

namespace SearchEngine.Training.Tests;

/// <summary>
/// The model in models/default, on sentences of our own: a paraphrase must be nearer than a sentence about something else.
/// </summary>
[Collection(Serial.Name)]
public sealed class ShippedModelTests
{
    private static readonly (string Text, string Paraphrase, string Other)[] Triples =
    [
        ("A man is playing the guitar on stage.", "Someone plays guitar at a concert.", "The train to the airport was late again."),
        (
            "The doctor treated the patient's infection.",
            "The physician cured the sick person of the disease.",
            "The bridge was built across the river."
        ),
        ("How do I open a file for reading?", "Reading data from a file on disk.", "The king died in the winter of that year."),
        (
            "Heavy rain flooded the streets of the town.",
            "The city was under water after the storm.",
            "She published her first novel in Paris."
        ),
        ("The company lost money last year.", "The firm reported a financial loss.", "Birds migrate south in the autumn."),
        (
            "Children should eat more fruit.",
            "A healthy diet for young people includes apples and oranges.",
            "The engine of the aircraft failed."
        ),
    ];

    [Fact]
    public async Task Paraphrases_are_nearer_than_unrelated_sentences()
    {
        using var generator = Llm2VecEmbeddingGenerator.Load(Folder());
        async Task<float[]> Embed(string text) => (await generator.GenerateAsync([text]))[0].Vector.ToArray();
        foreach (var (text, paraphrase, other) in Triples)
        {
            var vector = await Embed(text);
            var (same, different) = (await Embed(paraphrase), await Embed(other));
            var near = TensorPrimitives.CosineSimilarity<float>(vector, same);
            var far = TensorPrimitives.CosineSimilarity<float>(vector, different);
            Assert.True(near > far, $"'{text}': paraphrase {near:F3}, unrelated {far:F3}");
        }
    }

    [Fact]
    public void The_folder_is_small_enough_to_ship_and_states_its_dimensions()
    {
        Assert.InRange(Directory.EnumerateFiles(Folder()).Sum(f => new FileInfo(f).Length), 1, 40 << 20);
        using var generator = Llm2VecEmbeddingGenerator.Load(Folder());
        Assert.Contains(generator.Dimension, generator.TrainedDimensions);
    }

    private static string Folder() => Path.Combine(TestSupport.Repository.Root, "models", "default");
}
