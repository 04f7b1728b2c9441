using System.Diagnostics;
using System.Text.Json;
using SearchEngine.Embeddings;

namespace SearchEngine.Workloads.Embed;

/// <summary>
/// Measures the embedder on token sequences of fixed seeds (see <see cref="EmbedData"/>). Tokens per CPU-second divide by the process's own
/// CPU time, so that they compare across numbers of cores.
/// </summary>
internal sealed class EmbedWorkload(
    string? modelPath,
    string shape,
    string device,
    string[] dataTypes,
    double seconds,
    int? batchTokens,
    double? peakTeraflops,
    string? vectorsFolder,
    string? weightCache
)
{
    public async Task<int> RunAsync(bool firstVectorOnly, CancellationToken cancellationToken)
    {
        string? temporary = null;
        try
        {
            if (modelPath is null)
            {
                temporary = Directory.CreateTempSubdirectory("searchengine-embed-").FullName;
                EmbedData.MakeModel(shape, device, temporary);
            }
            var folder = modelPath ?? temporary!;
            if (firstVectorOnly)
            {
                await new FirstVector(folder, device, dataTypes[0], weightCache).PrintAsync(cancellationToken).ConfigureAwait(false);
                return 0;
            }
            await RunAsync(folder, cancellationToken).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            if (temporary is not null)
                Directory.Delete(temporary, recursive: true);
        }
    }

    private const int ConcurrentCallers = 8;

    private async Task RunAsync(string folder, CancellationToken cancellationToken)
    {
        var config = DecoderConfigReader.Read(ModelFolder.Read(folder).BaseFolder);
        var sets = EmbedData.Sets(config);
        var flopPerToken =
            2.0 * (config.ParameterCount - (long)config.VocabularySize * config.HiddenSize * (config.TieWordEmbeddings ? 1 : 2));
        var peak = EmbedMachine.MatrixPeak();
        List<object> results = [];
        foreach (var type in dataTypes)
        {
            using var generator = Llm2VecEmbeddingGenerator.Load(
                new Llm2VecOptions
                {
                    ModelPath = folder,
                    Device = device,
                    DataType = type,
                    BatchTokens = batchTokens,
                    WeightCache = FirstVector.CacheOf(weightCache),
                }
            );
            var measure = new EmbedMeasure(generator, type, seconds, flopPerToken, peak, peakTeraflops);
            foreach ((var name, var sequences) in sets)
            {
                if (vectorsFolder is not null && type == dataTypes[0])
                {
                    var vectors = await generator.EmbedTokensAsync(sequences, cancellationToken: cancellationToken).ConfigureAwait(false);
                    await File.WriteAllLinesAsync(
                            Path.Combine(vectorsFolder, name + ".vectors.jsonl"),
                            vectors.Select(v => JsonSerializer.Serialize(v)),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                }
                await Console.Error.WriteLineAsync($"{type} {name} on {generator.Compute} …").ConfigureAwait(false);
                results.Add(await measure.ThroughputAsync(name, sequences, cancellationToken).ConfigureAwait(false));
            }
            results.Add(await measure.LatencyAsync(config.VocabularySize, cancellationToken).ConfigureAwait(false));
            foreach (var callers in new[] { 1, ConcurrentCallers })
                results.Add(await measure.CallersAsync(config.VocabularySize, callers, cancellationToken).ConfigureAwait(false));
        }
        object report = new
        {
            workload = "embed",
            shape = new
            {
                config.ModelType,
                config.HiddenSize,
                config.Layers,
                config.Heads,
                config.IntermediateSize,
                config.VocabularySize,
                config.ParameterCount,
            },
            seed = EmbedData.Seed,
            processors = Environment.ProcessorCount,
            processor = EmbedMachine.ProcessorName(),
            torch_float32_matmul_gflops_one_thread = Math.Round(peak / 1e9, 1),
            results,
            milliseconds_to_first_vector = await new FirstVector(folder, device, dataTypes[0], weightCache)
                .MeasureAsync(cancellationToken)
                .ConfigureAwait(false),
            peak_memory_mb = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
        };
        Console.WriteLine(JsonSerializer.Serialize(report, new JsonSerializerOptions { WriteIndented = true }));
    }
}
