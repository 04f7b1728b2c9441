using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using SearchEngine.Embeddings;

namespace SearchEngine.DatabaseComparison.Data;

/// <summary>Makes a data set, unless it is there.</summary>
internal static class DataMaker
{
    private const int Batch = 256;
    private const int Queries = DataSet.Tuned + DataSet.Measured;

    public static async Task MakeAsync(string directory, string kind, int count)
    {
        if (File.Exists(Path.Combine(directory, "truth.txt")))
            return;
        var records = count + DataSet.Spare;
        if (kind == "generated")
        {
            var made = GeneratedRecords.Make(records, Queries);
            DataSet.Write(directory, made.Vectors, made.Queries, made.Vectors.Length / records, made.Texts, made.Asked);
            return;
        }

        if (kind != "texts")
            throw new ArgumentException($"'{kind}' is no kind of data: generated, texts.", nameof(kind));
        var texts = DocumentationTexts.Read(records + Queries);
        var (vectors, dimension) = await EmbedAsync(texts).ConfigureAwait(false);
        DataSet.Write(
            directory,
            vectors[..(records * dimension)],
            vectors[(records * dimension)..],
            dimension,
            texts[..records],
            texts[records..]
        );
    }

    private static async Task<(float[] Vectors, int Dimension)> EmbedAsync(string[] texts)
    {
        using var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = Model() });
        float[] vectors = [];
        var dimension = 0;
        for (var start = 0; start < texts.Length; start += Batch)
        {
            var made = await generator.GenerateAsync(texts[start..Math.Min(texts.Length, start + Batch)]).ConfigureAwait(false);
            dimension = made[0].Vector.Length;
            if (start == 0)
                vectors = new float[texts.Length * dimension];
            for (var i = 0; i < made.Count; i++)
            {
                var row = vectors.AsSpan((start + i) * dimension, dimension);
                TensorPrimitives.Divide(made[i].Vector.Span, TensorPrimitives.Norm(made[i].Vector.Span), row);
            }

            if (start / Batch % 20 == 0)
                await Console.Error.WriteLineAsync($"{start + made.Count:N0} of {texts.Length:N0} texts embedded").ConfigureAwait(false);
        }

        return (vectors, dimension);
    }

    // models/default of the clone that this program was built in.
    private static string Model()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var model = Path.Combine(folder.FullName, "models", "default");
            if (File.Exists(Path.Combine(model, "config.json")))
                return model;
        }

        throw new DirectoryNotFoundException("models/default was not found above the program: build it inside the repository.");
    }
}
