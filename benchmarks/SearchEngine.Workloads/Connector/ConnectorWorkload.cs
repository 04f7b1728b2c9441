using System.Diagnostics;
using Microsoft.Extensions.VectorData;
using SearchEngine.SemanticKernel;

namespace SearchEngine.Workloads.Connector;

/// <summary>
/// The same records into two databases and the same searches out of them: through the connector, and through the engine's own API.
/// </summary>
internal static class ConnectorWorkload
{
    private const string Name = "records";

    public static async Task<int> RunAsync(
        string? directory,
        int count,
        int batch,
        int dimension,
        int searches,
        CancellationToken cancellationToken
    )
    {
        var root = Path.Combine(directory ?? Path.GetTempPath(), $"searchengine-connector-{Environment.ProcessId}");
        try
        {
            using var connectorStore = new SearchEngineVectorStore(Path.Combine(root, "connector"));
            using var engineStore = new SearchEngineVectorStore(Path.Combine(root, "engine"));
            var connector = await CreateAsync(connectorStore, dimension, cancellationToken);

            // The engine's side is a collection of the same schema, reached by its own API from here on.
            var engine = await (await CreateAsync(engineStore, dimension, cancellationToken)).GetSearchCollectionAsync(cancellationToken);
            await UpsertAsync(connector, engine, count, batch, dimension, cancellationToken);
            await SearchAsync(connector, engine, count, dimension, searches, filtered: false, cancellationToken);
            await SearchAsync(connector, engine, count, dimension, searches, filtered: true, cancellationToken);
            return 0;
        }
        finally
        {
            if (Directory.Exists(root))
                Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<SearchEngineCollection<string, ConnectorRecord>> CreateAsync(
        SearchEngineVectorStore store,
        int dimension,
        CancellationToken cancellationToken
    )
    {
        var collection =
            (SearchEngineCollection<string, ConnectorRecord>)
                store.GetCollection<string, ConnectorRecord>(Name, ConnectorRecord.Definition(dimension));
        await collection.EnsureCollectionExistsAsync(cancellationToken);
        return collection;
    }

    private static async Task UpsertAsync(
        SearchEngineCollection<string, ConnectorRecord> connector,
        SearchCollection engine,
        int count,
        int batch,
        int dimension,
        CancellationToken cancellationToken
    )
    {
        // Turns of some batches each, whichever was last goes first: what else the machine does falls on both alike.
        const int BatchesPerTurn = 8;
        Stopwatch byConnector = new(),
            byEngine = new();
        for (int first = 0, turn = 0; first < count; first += batch * BatchesPerTurn, turn++)
        {
            var records = Enumerable
                .Range(first, Math.Min(batch * BatchesPerTurn, count - first))
                .Select(i => ConnectorRecord.Make(i, dimension))
                .ToArray();
            for (var side = 0; side < 2; side++)
            {
                if ((side + turn) % 2 == 0)
                {
                    byConnector.Start();
                    foreach (var part in records.Chunk(batch))
                        await connector.UpsertAsync(part, cancellationToken);
                    byConnector.Stop();
                }
                else
                {
                    byEngine.Start();
                    foreach (var part in records.Chunk(batch))
                        await engine.UpsertAsync([.. part.Select(r => r.ToDocument())], cancellationToken);
                    byEngine.Stop();
                }
            }

            if (turn % 8 == 7)
            {
                Console.Error.WriteLine(
                    $"{first + records.Length} of {count}: connector {byConnector.Elapsed.TotalSeconds:F1} s, engine {byEngine.Elapsed.TotalSeconds:F1} s"
                );
            }
        }

        if (await connector.CountAsync(cancellationToken: cancellationToken) != count || engine.Count != count)
            throw new InvalidOperationException("The two sides do not hold all records.");
        ResultLine.Print(
            "connector",
            ("measure", "upsert"),
            ("records", count),
            ("batch", batch),
            ("dimension", dimension),
            ("connector_seconds", ResultLine.Round(byConnector.Elapsed.TotalSeconds)),
            ("engine_seconds", ResultLine.Round(byEngine.Elapsed.TotalSeconds)),
            ("ratio", ResultLine.Round(byConnector.Elapsed / byEngine.Elapsed))
        );
    }

    private static async Task SearchAsync(
        SearchEngineCollection<string, ConnectorRecord> connector,
        SearchCollection engine,
        int count,
        int dimension,
        int searches,
        bool filtered,
        CancellationToken cancellationToken
    )
    {
        // Warm-up: long enough for the compiled code of both sides to be the final one.
        const int Top = 10,
            WarmUp = 3_000;
        List<double> byConnector = [],
            byEngine = [];
        for (var i = 0; i < searches + WarmUp; i++)
        {
            ReadOnlyMemory<float> query = ConnectorRecord.MakeVector(i, dimension, new Random(count + i));
            var category = $"category-{i % 20}";
            var options = new VectorSearchOptions<ConnectorRecord> { Filter = filtered ? r => r.Category == category : null };
            string[] fromConnector = [],
                fromEngine = [];
            for (var side = 0; side < 2; side++)
            {
                var start = Stopwatch.GetTimestamp();
                if ((side + i) % 2 == 0)
                {
                    var ids = new List<string>(Top);
                    await foreach (var hit in connector.SearchAsync(query, Top, options, cancellationToken))
                        ids.Add(hit.Record.Id);
                    if (i >= WarmUp)
                        byConnector.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                    fromConnector = [.. ids];
                }
                else
                {
                    var hits = await engine.SearchAsync(
                        new SearchRequest
                        {
                            Mode = SearchMode.Vector,
                            Vector = query,
                            VectorField = nameof(ConnectorRecord.Vector),
                            Top = Top,
                            Filter = filtered
                                ? new DocumentFilter.Comparison(nameof(ConnectorRecord.Category), ComparisonOperator.Equal, category)
                                : null,
                        },
                        cancellationToken
                    );
                    if (i >= WarmUp)
                        byEngine.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                    fromEngine = [.. hits.Select(hit => (string)hit.Document.Key.Value)];
                }
            }

            if (filtered && fromConnector.Length != fromEngine.Length)
            {
                throw new InvalidOperationException(
                    $"Query {i}: {fromConnector.Length} hits through the connector, {fromEngine.Length} from the engine."
                );
            }
        }

        byConnector.Sort();
        byEngine.Sort();
        var (connectorMedian, engineMedian) = (ResultLine.Percentile(byConnector, 0.5), ResultLine.Percentile(byEngine, 0.5));
        ResultLine.Print(
            "connector",
            ("measure", filtered ? "search with a filter" : "search"),
            ("records", count),
            ("top", Top),
            ("searches", searches),
            ("connector_p50_us", ResultLine.Round(connectorMedian)),
            ("engine_p50_us", ResultLine.Round(engineMedian)),
            ("overhead_us", ResultLine.Round(connectorMedian - engineMedian))
        );
    }
}
