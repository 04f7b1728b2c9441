using System.Diagnostics;
using System.Net.Http.Json;
using SearchEngine.Embeddings;

namespace SearchEngine.Workloads.Host;

/// <summary>
/// Tokens a second of POST /v1/embeddings (base 64, as OpenAI's clients ask for it) against the generator in this process: the same model,
/// the same texts, one batch at a time, in turns. The least time of each counts.
/// </summary>
internal static class HostEmbeddings
{
    private const int Batch = 64;

    public static async Task<int> RunAsync(string program, string model, string texts, int rounds, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(model);
        var inputs = Directory
            .EnumerateFiles(texts)
            .Order(StringComparer.Ordinal)
            .Take(Batch)
            .Select(path => File.ReadAllText(path))
            .ToArray();
        using var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = folder });
        var tokens = inputs.Sum(generator.CountTokens);
        var data = Directory.CreateTempSubdirectory("searchengine-host-embeddings-").FullName;
        try
        {
            using var host = await HostProcess.StartAsync(program, data, folder, cancellationToken).ConfigureAwait(false);
            using var client = new HttpClient { BaseAddress = host.Address };
            List<double> direct = [];
            List<double> http = [];
            for (var round = 0; round <= rounds; round++)
            {
                var start = Stopwatch.GetTimestamp();
                await generator.GenerateAsync(inputs, cancellationToken: cancellationToken).ConfigureAwait(false);
                var own = Stopwatch.GetElapsedTime(start).TotalSeconds;
                start = Stopwatch.GetTimestamp();
                using var content = JsonContent.Create(new { input = inputs, encoding_format = "base64" });
                using var reply = await client.PostAsync("/v1/embeddings", content, cancellationToken).ConfigureAwait(false);
                reply.EnsureSuccessStatusCode();
                await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
                var served = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (round > 0)
                {
                    direct.Add(own);
                    http.Add(served);
                }
            }

            await host.StopAsync(cancellationToken).ConfigureAwait(false);
            ResultLine.Print(
                "host embeddings",
                ("texts", inputs.Length),
                ("tokens", tokens),
                ("generatorTokensPerSecond", ResultLine.Round(tokens / direct.Min())),
                ("httpTokensPerSecond", ResultLine.Round(tokens / http.Min())),
                ("ratio", ResultLine.Round(direct.Min() / http.Min()))
            );
            return 0;
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}
