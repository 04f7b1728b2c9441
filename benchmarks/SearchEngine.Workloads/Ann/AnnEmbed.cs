using System.Numerics.Tensors;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SearchEngine.Embeddings;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Ann;

/// <summary>Base and queries from real texts: one per line, plain or JSON, shuffled with a seed; the last become the queries.</summary>
internal static class AnnEmbed
{
    private const int Batch = 256;
    private const int MinCharacters = 30;

    public static async Task<int> RunAsync(
        string texts,
        string field,
        string model,
        string output,
        int count,
        int queries,
        int maxCharacters,
        CancellationToken cancellationToken
    )
    {
        var lines = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        using (var reader = texts == "-" ? Console.In : new StreamReader(texts))
        {
            while (lines.Count < count + queries && await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is string line)
            {
                var text = (line.StartsWith('{') ? JsonDocument.Parse(line).RootElement.GetProperty(field).GetString() ?? "" : line).Trim();
                if (text.Length > maxCharacters)
                    text = text[..(char.IsHighSurrogate(text[maxCharacters - 1]) ? maxCharacters - 1 : maxCharacters)];
                if (text.Length >= MinCharacters && seen.Add(text))
                    lines.Add(text);
            }
        }
        if (lines.Count < count + queries)
        {
            Console.Error.WriteLine(
                $"{texts} has {lines.Count} distinct texts of at least {MinCharacters} characters; {count + queries} are needed."
            );
            return 2;
        }
        string[] all = [.. lines];
        new Random(5).Shuffle(all);
        using var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = model });
        VectorSet? rows = null;
        for (var start = 0; start < all.Length; start += Batch)
        {
            var made = await generator
                .GenerateAsync(all[start..Math.Min(all.Length, start + Batch)], null, cancellationToken)
                .ConfigureAwait(false);
            rows ??= new VectorSet(new float[all.Length * made[0].Vector.Length], made[0].Vector.Length);
            for (var i = 0; i < made.Count; i++)
            {
                var row = rows.Values.AsSpan((start + i) * rows.Dimension, rows.Dimension);
                TensorPrimitives.Divide(made[i].Vector.Span, TensorPrimitives.Norm(made[i].Vector.Span), row);
            }
            if (start / Batch % 20 == 0)
                Console.Error.WriteLine($"{start + made.Count:N0} of {all.Length:N0} texts");
        }
        var items = new VectorSet(rows!.Values[..(count * rows.Dimension)], rows.Dimension);
        var asked = new VectorSet(rows.Values[(count * rows.Dimension)..], rows.Dimension);
        Directory.CreateDirectory(output);
        VectorFile.Write(Path.Combine(output, "base.fvecs"), items);
        VectorFile.Write(Path.Combine(output, "query.fvecs"), asked);
        VectorFile.Write(Path.Combine(output, "truth.ivecs"), AnnData.Truth(items, asked, DistanceMetric.Cosine, 100));
        return 0;
    }
}
