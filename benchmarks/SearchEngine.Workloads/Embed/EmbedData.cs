using System.Text.Json;
using SearchEngine.Embeddings;
using TorchSharp;

namespace SearchEngine.Workloads.Embed;

/// <summary>Random models and token sequences of one seed: the same on every machine, for this program and for its peers.</summary>
internal static class EmbedData
{
    public const int Seed = 17;

    /// <summary>24 texts of 128 tokens, 96 of mixed length (8 to 256, log-uniform), and for large shapes 24 of 512.</summary>
    public static IReadOnlyDictionary<string, int[][]> Sets(DecoderConfig config)
    {
        Dictionary<string, int[][]> sets = new()
        {
            ["24x128"] = Sequences(24, _ => 128, config.VocabularySize),
            ["mixed"] = Sequences(
                96,
                random => (int)Math.Exp(random.NextDouble() * Math.Log(256.0 / 8) + Math.Log(8)),
                config.VocabularySize
            ),
        };
        if (config.HiddenSize >= LargeHidden)
            sets["24x512"] = Sequences(24, _ => 512, config.VocabularySize);
        return sets;
    }

    /// <summary>One query of twelve tokens.</summary>
    public static int[][] Query(int vocabulary) => Sequences(1, _ => 12, vocabulary);

    /// <summary>Writes a model of a shape, and its token sequences, one JSON array a line, as SET.jsonl.</summary>
    public static void Write(string shape, string device, string folder)
    {
        MakeModel(shape, device, folder);
        var config = DecoderConfigReader.Read(folder);
        foreach ((var name, var sequences) in Sets(config).Append(new("query", Query(config.VocabularySize))))
            File.WriteAllLines(Path.Combine(folder, name + ".jsonl"), sequences.Select(s => JsonSerializer.Serialize(s)));
    }

    /// <summary>Writes a LLaMA with random weights, in the shapes that the figures are stated for; the large ones in bfloat16.</summary>
    /// <param name="shape">base, query, 125m, 1.3b or 7b; tiny to try things out.</param>
    /// <param name="device">Where the weights are drawn; on CUDA a large model takes seconds instead of minutes.</param>
    /// <param name="folder">Made if missing.</param>
    public static void MakeModel(string shape, string device, string folder)
    {
        (var hidden, var layers, var heads, var inner, var vocabulary) = shape switch
        {
            "tiny" => (64, 2, 4, 172, 512),
            "base" => (512, 8, 8, 1376, 8192),
            "query" => (384, 6, 6, 1024, 16_000),
            "125m" => (768, 16, 12, 2048, 16_000),
            "1.3b" => (2048, 24, 16, 5504, 32_000),
            "7b" => (4096, 32, 32, 11_008, 32_000),
            _ => throw new ArgumentException($"The shape '{shape}' is not known; known are tiny, base, query, 125m, 1.3b and 7b."),
        };
        DecoderConfig config = new()
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            IntermediateSize = inner,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = heads,
            TieWordEmbeddings = true,
        };
        TorchRuntime.EnsureLoaded();
        torch.manual_seed(Seed);
        var large = hidden >= LargeHidden;
        var place = large && device.StartsWith("cuda", StringComparison.Ordinal) ? torch.CUDA : torch.CPU;
        using DecoderModel model = new(config, place, large ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32);
        model.InitializeWeights();
        CheckpointWriter.Save(model, folder);
    }

    /// <summary>Shapes from here on are meant for a GPU.</summary>
    private const int LargeHidden = 2048;

    private static int[][] Sequences(int count, Func<Random, int> length, int vocabulary)
    {
        Random random = new(Seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => Enumerable.Range(0, Math.Max(1, length(random))).Select(_ => random.Next(3, vocabulary)).ToArray()),
        ];
    }
}
