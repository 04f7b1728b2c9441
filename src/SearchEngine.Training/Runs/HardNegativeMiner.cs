using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SearchEngine.Embeddings;
using SearchEngine.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>Settings of hard-negative mining.</summary>
public sealed record HardNegativeConfig
{
    /// <summary>
    /// The data; each record's title or question is a query, the start of its text the positive, all other texts of the source are
    /// candidates.
    /// </summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>The JSON lines file to write: query, positive, negatives. Read it back as a source of kind Pairs.</summary>
    public required string Output { get; init; }

    /// <summary>Negatives per query.</summary>
    public int Negatives { get; init; } = 4;

    /// <summary>
    /// A candidate is dropped as a probable positive where its cosine to the query exceeds this share of the positive's (Moreira et al.
    /// 2024 found 0.95 best).
    /// </summary>
    public double MaximumPositiveShare { get; init; } = 0.95;

    /// <summary>Nearest candidates looked through per query.</summary>
    public int Depth { get; init; } = 50;

    /// <summary>Longest text written, in characters.</summary>
    public int MaximumCharacters { get; init; } = 2000;

    /// <summary>The configuration file's folder, where relative paths start.</summary>
    [JsonIgnore]
    public string BaseDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>Reads a configuration file.</summary>
    /// <exception cref="TrainingException">The file is missing, is not JSON, or has an unknown or missing setting.</exception>
    public static HardNegativeConfig Load(string path)
    {
        if (!File.Exists(path))
            throw new TrainingException($"Configuration file '{path}' does not exist.");
        try
        {
            var config =
                JsonSerializer.Deserialize<HardNegativeConfig>(File.ReadAllText(path), TrainingConfig.JsonOptions)
                ?? throw new TrainingException($"Configuration file '{path}' holds no settings.");
            return config with { BaseDirectory = Path.GetDirectoryName(Path.GetFullPath(path))! };
        }
        catch (JsonException e)
        {
            throw new TrainingException($"Configuration file '{path}': {e.Message}", e);
        }
    }
}

/// <summary>What mining found.</summary>
/// <param name="Queries">Queries written.</param>
/// <param name="Negatives">Negatives written.</param>
/// <param name="Filtered">Candidates dropped for scoring too near the positive.</param>
/// <param name="Bare">Queries left without any negative, written all the same.</param>
public sealed record HardNegativeSummary(int Queries, long Negatives, long Filtered, int Bare);

/// <summary>Finds, with an embedding model, texts that look like a query's positive and are not: the negatives that teach most.</summary>
public static class HardNegativeMiner
{
    private const int QueriesAtOnce = 256;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Mines all sources of the configuration, each against its own texts, and writes the file as a whole at the end.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="embed">The model to mine with.</param>
    /// <param name="messages">Receives what happens.</param>
    /// <param name="cancellationToken">Stops the mining; no file is written then.</param>
    /// <exception cref="TrainingException">Settings or data are not usable.</exception>
    public static async Task<HardNegativeSummary> MineAsync(
        HardNegativeConfig config,
        TextEmbedder embed,
        IProgress<string>? messages = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(embed);
        if (config.Data.Count == 0 || config.Negatives < 1 || config.Depth < config.Negatives || config.MaximumPositiveShare is <= 0 or > 1)
        {
            throw new TrainingException(
                "The mining configuration is not usable: it needs 'data', 'negatives' of at least 1, 'depth' of at least 'negatives' and 'maximumPositiveShare' in (0, 1]."
            );
        }
        TorchRuntime.EnsureLoaded();
        var output = Path.GetFullPath(Path.Combine(config.BaseDirectory, config.Output));
        if (config.Data.FirstOrDefault(d => Path.GetFullPath(Path.Combine(config.BaseDirectory, d.Path)) == output) is { } overwritten)
        {
            throw new TrainingException(
                $"'output' is the file of source '{overwritten.DisplayName}': mining would overwrite what it reads. Choose another 'output'."
            );
        }
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        var temporary = output + ".tmp";
        var total = new HardNegativeSummary(0, 0, 0, 0);
        await using (var writer = new StreamWriter(temporary))
        {
            foreach (var source in config.Data)
            {
                var records = DataSourceReader
                    .Read(source, config.BaseDirectory)
                    .Select(d => (Query: d.Title, Positive: Lead(d, config.MaximumCharacters)))
                    .Where(r => r.Query.Length > 0 && r.Positive.Length > 0)
                    .ToList();
                messages?.Report($"{source.DisplayName}: {records.Count:N0} queries");
                if (records.Count < 2)
                    continue;
                var queries = await embed([.. records.Select(r => r.Query)], true, cancellationToken).ConfigureAwait(false);
                var positives = await embed([.. records.Select(r => r.Positive)], false, cancellationToken).ConfigureAwait(false);
                total = Mine(config, records, Matrix(queries), Matrix(positives), writer, total, cancellationToken);
            }
        }

        if (total.Queries == 0)
        {
            File.Delete(temporary);
            throw new TrainingException("No source gave queries to mine for: records need a title or question, and a text.");
        }

        File.Move(temporary, output, overwrite: true);
        return total;
    }

    private static HardNegativeSummary Mine(
        HardNegativeConfig config,
        List<(string Query, string Positive)> records,
        Tensor queries,
        Tensor positives,
        StreamWriter writer,
        HardNegativeSummary total,
        CancellationToken cancellationToken
    )
    {
        using var ofQueries = queries;
        using var ofPositives = positives;
        using var guard = no_grad();
        var depth = Math.Min(config.Depth + 1, records.Count);
        for (var start = 0; start < records.Count; start += QueriesAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var rows = Math.Min(QueriesAtOnce, records.Count - start);
            var scores = queries.narrow(0, start, rows).mm(positives.t()); // (queries, candidates)
            var (best, where) = scores.topk(depth, 1);
            var cosines = best.contiguous().data<float>().ToArray();
            var candidates = where.contiguous().data<long>().ToArray();
            var own = scores.diagonal(start).contiguous().data<float>().ToArray();
            for (var r = 0; r < rows; r++)
            {
                var record = records[start + r];
                var negatives = new List<string>(config.Negatives);
                for (var c = 0; c < depth && negatives.Count < config.Negatives; c++)
                {
                    var candidate = records[(int)candidates[r * depth + c]];
                    if (candidate.Positive == record.Positive || candidate.Query == record.Query)
                        continue;
                    if (cosines[r * depth + c] > config.MaximumPositiveShare * own[r])
                        total = total with { Filtered = total.Filtered + 1 };
                    else if (!negatives.Contains(candidate.Positive))
                        negatives.Add(candidate.Positive);
                }

                writer.WriteLine(
                    JsonSerializer.Serialize(
                        new
                        {
                            record.Query,
                            record.Positive,
                            negatives,
                        },
                        Json
                    )
                );
                total = total with
                {
                    Queries = total.Queries + 1,
                    Negatives = total.Negatives + negatives.Count,
                    Bare = total.Bare + (negatives.Count == 0 ? 1 : 0),
                };
            }
        }

        return total;
    }

    private static Tensor Matrix(IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        using var scope = NewDisposeScope();
        var width = vectors[0].Length;
        var values = new float[vectors.Count * width];
        for (var i = 0; i < vectors.Count; i++)
            vectors[i].Span.CopyTo(values.AsSpan(i * width, width));
        return nn.functional.normalize(tensor(values, [vectors.Count, width]), p: 2, dim: 1).MoveToOuterDisposeScope();
    }

    private static string Lead(TrainingDocument document, int maximum)
    {
        var paragraph = document.Sections.SelectMany(s => s.Paragraphs).FirstOrDefault() ?? "";
        return paragraph.Length <= maximum ? paragraph : paragraph[..maximum];
    }
}
