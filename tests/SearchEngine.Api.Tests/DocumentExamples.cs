using SearchEngine.Client;
using SearchEngine.Embeddings.Reranking;

namespace SearchEngine.Api.Tests;

/// <summary>The C# of docs/: it is here to be compiled, and a test keeps the two the same.</summary>
internal static class DocumentExamples
{
    public static async Task RerankAsync(ISearchCollection notes)
    {
        // begin
        using var model = RerankingModel.Load("models/ms-marco-MiniLM-L6-v2");
        var results = await notes.FindAsync(
            new SearchRequest
            {
                Text = "how do I get a crisp crust",
                Rerank = new RerankOptions
                {
                    Reranker = new DelegateReranker(model.ModelId, model.ScoreAsync),
                    Candidates = 30,
                    Budget = TimeSpan.FromMilliseconds(300),
                },
            }
        );
        // end
        Console.WriteLine(results.Hits.Count);
    }

    public static SearchRequest OfSeveralVectors(ReadOnlyMemory<float> picture) =>
        new()
        {
            // begin
            VectorQueries =
            [
                new VectorQuery("title") { Weight = 2 },
                new VectorQuery("body") { Text = "the steam that keeps a loaf from drying out" },
                new VectorQuery("picture") { Vector = picture },
            ],
            // end
        };

    public static SearchRequest Boosted() =>
        new()
        {
            // begin
            Boosts =
            [
                new RecencyBoost("modified", Weight: 0.2, HalfLife: TimeSpan.FromDays(30)),
                new NumericBoost("stars", Weight: 0.1, Pivot: 100) { Function = NumericFunction.Log1p },
            ],
            // end
        };

    public static async Task MoveToServerAsync(string key)
    {
        // begin
        using var client = new SearchClient(new() { Address = new("http://127.0.0.1:5080"), ApiKey = key });
        var notes = await client.GetCollectionAsync("notes");
        // end
        Console.WriteLine(notes.Name);
    }
}
